"""The agent's settings: what is read, what is refused."""

from pathlib import Path

import pytest

from nodes.agent.config import Config, ConfigError


def read(**values: str) -> Config:
    return Config.from_environment({f"FLOTILLA_{name}": value for name, value in values.items()})


def test_defaults_are_those_of_the_manual() -> None:
    config = read(FQDN="node1.example.org")
    assert config.socket == Path("/var/lib/flotilla/run/agent.sock")
    assert (config.vpn_interface, config.vpn_port) == ("wg0", 55820)
    assert (config.console_host, config.console_port) == ("127.0.0.1", 8443)
    assert config.certificate == Path("/var/lib/flotilla/tls/cert.pem")


@pytest.mark.parametrize(
    ("listen", "host"),
    [("0.0.0.0:9443", "127.0.0.1"), (":9443", "127.0.0.1"), ("192.0.2.1:9443", "192.0.2.1")],
)
def test_own_console_is_where_it_listens(listen: str, host: str) -> None:
    config = read(LISTEN=listen, FQDN="x")
    assert (config.console_host, config.console_port) == (host, 9443)


def test_value_may_come_from_a_file(tmp_path: Path) -> None:
    """As the web reads its settings."""
    path = tmp_path / "fqdn"
    path.write_text("node1.example.org\n")
    assert read(FQDN_FILE=str(path)).fqdn == "node1.example.org"


@pytest.mark.parametrize(
    "values",
    [
        {"VPN_PORT": "0"},
        {"VPN_PORT": "70000"},
        {"VPN_PORT": "x"},
        {"LISTEN": "192.0.2.1"},
        {"VPN_INTERFACE": ""},
        {"VPN_INTERFACE": "wg0; reboot"},
        {"VPN_INTERFACE": "a" * 16},
        {"VPN_INTERFACE": "../wg0"},
    ],
    ids=str,
)
def test_senseless_settings_stop_the_start(values: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        read(**values)
