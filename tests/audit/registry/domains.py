"""What is done with domains, and with the nodes that provide them."""

from audit.actions import AuditAction as A
from tests.audit.registry.applications import asked
from tests.audit.registry.nodes import worker
from tests.audit.registry.rows import Expected, row
from tests.audit.registry.world import World
from tests.cluster.providing import NAME, make_domain

DOMAIN = ("domain", NAME)
CREATED = "base_dn bind_dn certificate_fingerprints kind port start_tls urls verify_tls"
ELSEWHERE = {"base_dn": "dc=example,dc=org", "verify_tls": "on", "name": NAME}
PROVIDER = ("application", "2/ldap-example-org")


def domain(world: World, *, nodes: tuple[int, ...] = ()) -> None:
    worker(world)
    make_domain(nodes=nodes)


@row(A.DOMAIN_CREATED, "domains/create/ post")
def create(world: World) -> Expected:
    world.use("cluster")
    world.page("/domains/create/", name=NAME)
    return Expected(DOMAIN, CREATED)


@row(A.DOMAIN_CREATED, "domains/register/ post")
def register(world: World) -> Expected:
    world.use("cluster")
    world.page("/domains/register/", **ELSEWHERE, urls="ldaps://ldap.example.org")
    return Expected(DOMAIN, CREATED)


@row(A.DOMAIN_CREATED, "api/v1/domains/ post")
def create_by_api(world: World) -> Expected:
    world.use("cluster")
    world.api("post", "domains/", {"name": NAME})
    return Expected(DOMAIN, CREATED)


@row(A.DOMAIN_REMOVED, "domains/<str:name>/remove/ post")
def remove(world: World) -> Expected:
    domain(world)
    world.page(f"/domains/{NAME}/remove/", confirmation=NAME)
    return Expected(DOMAIN, "kind")


@row(A.DOMAIN_REMOVED, "api/v1/domains/<str:name>/ delete")
def remove_by_api(world: World) -> Expected:
    domain(world)
    world.api("delete", f"domains/{NAME}/", {"confirmation": NAME})
    return Expected(DOMAIN, "kind")


@row(A.DOMAIN_PASSWORD_SHOWN, "domains/<str:name>/password/ post")
def look_at_password(world: World) -> Expected:
    domain(world)
    world.page(f"/domains/{NAME}/password/")
    return Expected(DOMAIN)


@row(A.DOMAIN_PASSWORD_SHOWN, "api/v1/domains/<str:name>/password/ post")
def look_at_password_by_api(world: World) -> Expected:
    domain(world)
    world.api("post", f"domains/{NAME}/password/")
    return Expected(DOMAIN)


@row(A.DOMAIN_PASSWORD_CHANGED, "domains/<str:name>/password/change/ post")
def change_password(world: World) -> Expected:
    domain(world)
    world.page(f"/domains/{NAME}/password/change/")
    return Expected(DOMAIN, "bind_dn")


@row(A.DOMAIN_PASSWORD_CHANGED, "api/v1/domains/<str:name>/password/ put")
def change_password_by_api(world: World) -> Expected:
    domain(world)
    world.api("put", f"domains/{NAME}/password/", {})
    return Expected(DOMAIN, "bind_dn")


def provider(details: str) -> Expected:
    found = asked(details)
    return Expected(PROVIDER, details, operation=found.operation)


@row(A.APPLICATION_INSTALL_REQUESTED, "domains/<str:name>/providers/add/ post")
def add_provider(world: World) -> Expected:
    domain(world)
    world.page(f"/domains/{NAME}/providers/add/", node=2)
    return provider("image")


@row(A.APPLICATION_INSTALL_REQUESTED, "api/v1/domains/<str:name>/providers/ post")
def add_provider_by_api(world: World) -> Expected:
    domain(world)
    world.api("post", f"domains/{NAME}/providers/", {"node": 2})
    return provider("image")


@row(
    A.APPLICATION_REMOVAL_REQUESTED,
    "domains/<str:name>/providers/<int:node_id>/remove/ post",
)
def remove_provider(world: World) -> Expected:
    domain(world, nodes=(2,))
    world.page(f"/domains/{NAME}/providers/2/remove/", confirmation=NAME)
    return provider("image wipe")


@row(
    A.APPLICATION_REMOVAL_REQUESTED,
    "api/v1/domains/<str:name>/providers/<int:node_id>/ delete",
)
def remove_provider_by_api(world: World) -> Expected:
    domain(world, nodes=(2,))
    world.api("delete", f"domains/{NAME}/providers/2/", {"confirmation": NAME})
    return provider("image wipe")
