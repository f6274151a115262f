"""Settings of the REST framework and of the schema. Read before Django is ready: names only, no imports of ours."""

REST_FRAMEWORK: dict[str, object] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "portal.api.auth.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["portal.api.auth.IsIdentified", "portal.api.auth.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_THROTTLE_CLASSES": [],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "portal.api.schema.Described",
    "EXCEPTION_HANDLER": "portal.api.errors.handle",
    "URL_FORMAT_OVERRIDE": None,
    "COMPACT_JSON": True,
}
SPECTACULAR_SETTINGS: dict[str, object] = {
    "TITLE": "Heddle",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "DESCRIPTION": "Book a mix of accelerators for a window, follow how it is wired, give it back. "
    "Times are RFC 3339 with an offset; answers are in UTC. Every error is an RFC 9457 problem document.",
    "LICENSE": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "portal.api.finishing.finish",
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "ENUM_NAME_OVERRIDES": {
        "ReservationState": "portal.api.v1.shapes.RESERVATION_STATES",
        "UnitState": "portal.api.v1.inventory_shapes.WIRE_STATES",
        "ProjectRole": "portal.api.v1.shapes.PROJECT_ROLES",
        "StepKind": "portal.api.v1.shapes.STEP_KINDS",
        "StepState": "portal.api.v1.shapes.STEP_STATES",
        "CompositionState": "portal.api.v1.shapes.COMPOSITION_STATES",
        "Scope": "portal.api.v1.token_shapes.SCOPES",
        "ApprovalRoute": "portal.api.v1.approval_shapes.ROUTES",
        "ApprovalVerdict": "portal.api.v1.approval_shapes.VERDICTS",
        "Priority": "portal.api.v1.shapes.PRIORITIES",
        "OnFailure": "portal.api.v1.shapes.POLICIES",
        "RefusalCode": "portal.api.v1.problem_shapes.REFUSAL_CODES",
        "MaintenanceScope": "portal.api.v1.inventory_shapes.MAINTENANCE_SCOPES",
        "ServiceRole": "portal.api.v1.service_account_shapes.ROLES",
        "DeliveryState": "portal.api.v1.webhook_shapes.DELIVERY_STATES",
        "Spread": "portal.api.v1.mix_shapes.SPREADS",
    },
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "COMPONENT_SPLIT_REQUEST": True,
}
