"""The pages that a leader has with nothing but itself in its cluster."""

from django.urls import reverse

PLAIN = (
    *("overview", "nodes", "node_add", "operations", "follow_ups", "logs", "jump", "help"),
    *("applications", "application_catalogue", "application_install_image", "application_upload"),
    *("domains", "domain_create", "domain_register", "styleguide"),
    *("audit", "audit_verification", "audit_retention", "audit_forwarding"),
    *("account", "password_change", "two_factor_begin", "passkey_new", "tokens", "token_new"),
    *("administrators", "administrator_new", "access_policy"),
    *("cluster_settings", "application_settings", "log_settings", "log_forwarding"),
    *("backup", "backup_password", "backup_schedule"),
)
OF_A_NODE = ("node", "node_label", "node_settings", "node_fqdn")
PATHS = {name: reverse(name) for name in PLAIN} | {
    name: reverse(name, args=[1]) for name in OF_A_NODE
}
ELSEWHERE = {
    *("index", "login", "welcome", "cluster_create", "cluster_join", "cluster_restore"),
    *("clean_start", "follow_leader", "reassert_leader"),
    *("help_chapter", "api_docs", "two_factor_confirm", "node_preflight"),
}
"""Pages of strangers, of machines that lead nothing, of another framework, of a moment; a part."""
