"""The daemon put together: one reconciler, one sync loop, one socket, and the machine that they
share.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from nodes.agent import custody
from nodes.agent.applications.entries import Entries
from nodes.agent.applications.shipyard import Shipyard
from nodes.agent.applications.verbs import Surroundings, lane_of
from nodes.agent.calls import Calls
from nodes.agent.commands import Commands
from nodes.agent.config import Config
from nodes.agent.directory import ProbeDirectory
from nodes.agent.facts import Facts
from nodes.agent.inventory.declared import Declared
from nodes.agent.inventory.podman import Podman
from nodes.agent.inventory.sampler import Sampler
from nodes.agent.inventory.services import Services
from nodes.agent.lanes import Lanes
from nodes.agent.logs.shipper import Shipper
from nodes.agent.machine import VpnStatus
from nodes.agent.membership import Membership
from nodes.agent.probe import Probe
from nodes.agent.server import Server
from nodes.agent.sync.client import Client
from nodes.agent.sync.clock import LeaderClock
from nodes.agent.sync.courting import Courtship
from nodes.agent.sync.finder import Finder
from nodes.agent.sync.loop import SyncLoop
from nodes.agent.sync.parcels import LeaderPieces
from nodes.agent.sync.report import Reporter
from nodes.agent.sync.routes import Routes
from nodes.agent.sync.vigil import Vigil
from nodes.agent.version import VERSION
from nodes.agent.vpn.enforcer import WireGuardKey
from nodes.agent.vpn.interface import Interface
from nodes.agent.vpn.ping import Pinger
from nodes.agent.vpn.reconciler import Reconciler
from nodes.agent.vpn.watch import Watch

logger = logging.getLogger(__name__)


class Daemon:
    """The running agent; also the ``Machine`` of its own calls."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._membership = Membership(config.node_dir, fqdn=config.fqdn)
        self._facts = Facts(fqdn=config.fqdn, vpn_interface=config.vpn_interface)
        self._reconciler = make_reconciler(config, self._membership, on_answer=self._look_again)
        self._watch = Watch(self._reconciler)
        self._vigil = Vigil(self._membership)
        declared = Declared(Podman(), Entries(config.state_dir / "applications"))
        self._inventory = Sampler(declared, Services(), on_change=self._report_soon)
        self._lanes = Lanes()
        self._routes = self._make_routes()
        self._shipyard = self._make_shipyard()
        self._shipper = Shipper(
            config.state_dir,
            holding=lambda: self._membership.holding,
            on_change=self._report_soon,
        )
        self._sync = self._make_sync()
        self._membership.on_change = self._changed

    @property
    def applied_generation(self) -> int:
        """Of the term that is held: the number of an earlier one would say too much."""
        term, generation = self._reconciler.applied
        state = self._membership.holding.state
        return generation if state and state.term == term else 0

    @property
    def last_sync(self) -> dict[str, Any] | None:
        return self._sync.last

    @property
    def distribution(self) -> str:
        return self._facts.distribution

    def vpn(self) -> VpnStatus:
        return self._reconciler.status()

    def networks(self) -> Sequence[str]:
        return self._facts.networks()

    def reconcile(self) -> None:
        self._reconciler.run_once()

    def start(self) -> None:
        """Begin: the VPN first, so that the first sync already finds it."""
        logger.info("agent_started", extra={"version": VERSION, "fqdn": self._config.fqdn})
        server = Server(self._config.socket, Calls(self._membership, self))
        threading.Thread(target=server.serve_forever, name="socket", daemon=True).start()
        self._watch.start()
        self._watch.kick()
        self._vigil.start()
        self._sync.start()
        self._inventory.start()
        self._shipyard.keeper.start()
        self._shipper.start()

    def _make_shipyard(self) -> Shipyard:
        surroundings = Surroundings(
            opens=lambda: self._membership.keys.sealing,
            vpn_address=self._vpn_address,
            cluster=lambda: self._membership.record.cluster or "",
            has_next=self._lanes.has_next,
        )
        directory = self._config.state_dir
        return Shipyard(
            directory,
            surroundings=surroundings,
            pieces=LeaderPieces(self._membership, self._routes),
            on_change=self._report_soon,
        )

    def _vpn_address(self) -> str:
        own = self._membership.holding.own
        return str(own.vpn_address) if own else ""

    def _make_routes(self) -> Routes:
        return Routes(
            hub_is_alive=self._reconciler.hub_is_alive,
            own_console=(self._config.console_host, self._config.console_port),
            own_certificate=self._config.certificate,
        )

    def _make_sync(self) -> SyncLoop:
        clock = LeaderClock(self._membership.issuer)
        commands = Commands(
            self._verbs(), on_result=self._report_soon, lanes=self._lanes, lane_of=lane_of
        )
        reporter = Reporter(
            membership=self._membership,
            machine=self,
            facts=self._facts,
            commands=commands,
            clock=clock,
            inventory=self._inventory,
            applications=self._shipyard.standings.report,
            logs=self._shipper.report,
        )
        return SyncLoop(
            membership=self._membership,
            reconciler=self._reconciler,
            reporter=reporter,
            commands=commands,
            clock=clock,
            routes=self._routes,
            client=Client(),
            finder=Finder(self._membership, Courtship(self._membership)),
            vigil=self._vigil,
        )

    def _verbs(self) -> dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]]:
        return {
            "probe": Probe(Pinger(self._reconciler)),
            "probe_directory": ProbeDirectory(opens=lambda: self._membership.keys.sealing),
            "refresh": self._refresh,
            "witness": partial(custody.bear_witness, self._membership),
            **self._shipyard.applications.verbs,
        }

    def _refresh(self, _arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The command ``refresh``: reconcile and look at the machine now."""
        self._reconciler.run_once()
        self._facts.sample(fresh=True)
        return {"applied_generation": self.applied_generation, "vpn": self.vpn()["state"]}

    def _changed(self) -> None:
        self._watch.kick()
        self._sync.kick()
        self._shipper.kick()

    def _look_again(self) -> None:
        self._watch.kick()

    def _report_soon(self) -> None:
        self._sync.kick()


def make_reconciler(
    config: Config, membership: Membership, *, on_answer: Callable[[], None]
) -> Reconciler:
    """The reconciler of this node's own interface."""
    keys = membership.keys
    return Reconciler(
        Interface(config.vpn_interface, state_dir=config.state_dir),
        key=lambda: WireGuardKey(keys.wireguard_public, str(keys.wireguard_path)),
        holding=lambda: membership.holding,
        listen_port=config.vpn_port,
        on_answer=on_answer,
    )
