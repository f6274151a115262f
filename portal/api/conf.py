"""Settings of the REST framework and of the schema."""

REST_FRAMEWORK: dict[str, object] = {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"}
SPECTACULAR_SETTINGS: dict[str, object] = {"TITLE": "Heddle", "VERSION": "1"}
