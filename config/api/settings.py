"""What Django REST framework, its errors and its schema are told."""

from config.version import VERSION

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.BearerTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.access.HasAccess"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.api.parsers.StrictJSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "config.api.pagination.CursorPages",
    "DEFAULT_SCHEMA_CLASS": "config.api.schema.ApiSchema",
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    "PAGE_SIZE": 50,
    "NUM_PROXIES": 0,  # nobody chooses the address that limits him
    "DEFAULT_THROTTLE_RATES": {"login": "30/min", "proof": "30/min"},
}
API_ERRORS = ["400", "401", "403", "404", "409", "422", "429", "503"]
DRF_STANDARDIZED_ERRORS = {
    "EXCEPTION_HANDLER_CLASS": "config.api.exceptions.DomainExceptionHandler",
    "EXCEPTION_FORMATTER_CLASS": "config.api.exceptions.DomainExceptionFormatter",
    "ALLOWED_ERROR_STATUS_CODES": API_ERRORS,
    "ERROR_SCHEMAS": dict.fromkeys(API_ERRORS, "config.api.schema.ErrorResponseSerializer"),
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Flotilla API",
    "DESCRIPTION": "Everything that the console does, for automation.",
    "VERSION": VERSION,
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["accounts.access.HasAccess"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "ENUM_NAME_OVERRIDES": {
        "AdministratorRole": "accounts.models.Administrator.Role",
        "ApplicationRole": "nodes.models.application.Application.Role",
        "NodeRole": "nodes.models.node.Node.Role",
        "TokenKind": "accounts.models.ApiToken.Kind",
    },
    "PREPROCESSING_HOOKS": ["config.api.schema.only_public_paths"],
    "POSTPROCESSING_HOOKS": ["drf_standardized_errors.openapi_hooks.postprocess_schema_enums"],
}
