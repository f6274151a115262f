# Sugar only: every line is a command of manage.py.
.PHONY: up test lint locks ci
up: ; python3 manage.py up
test: ; python3 manage.py test
lint: ; python3 manage.py lint
locks: ; python3 manage.py lock
ci: ; .ci/run
