"""rsyslog's configuration, as text: what is read, what a line is made into, where it goes.

There is no queue in memory, nor one on disk. Each ruleset is *direct*: a line is read from its
file or the journal when the one before is on its way, so what was written is the queue, and nothing
that rsyslog holds is lost when it is killed. The store writes a line before it is acknowledged.
"""

import json
from pathlib import Path

from nodes.agent.logs.place import Place
from nodes.agent.logs.sources import Sources

PORT = 20514
"""RELP has no number of its own; rsyslog's manual uses this one. Bound to the VPN alone."""
LONGEST = 65_536
"""Bytes of a message that are kept; a longer one is cut."""
WINDOW = AT_ONCE = 128
"""Lines on their way without an answer, and lines that are read at once."""
PLAIN = ("id", "severity", "facility", "program", "unit", "application", "message")

GLOBAL = """\
# Written by Flotilla's agent.
global(workDirectory="{work}" maxMessageSize="512k"
       parser.escapeControlCharactersOnReceive="on" internalmsg.ratelimit.interval="60")
module(load="imfile" mode="inotify")
main_queue(queue.type="Direct")
module(load="fmhash")
"""
SHIP = """\
module(load="omrelp")
template(name="line" type="list") {{
  constant(value="<14>1 ")
  property(name="timereported" dateFormat="rfc3339")
  constant(value=" - flotilla - - - @flotilla:{{")
{fields}
  constant(value="}}")
}}
ruleset(name="out" queue.type="Direct") {{
  action(type="omrelp" target="{address}" port="{port}" template="line" windowSize="{window}"
         timeout="20" conn.timeout="5" action.resumeRetryCount="-1" action.resumeInterval="2"
         action.resumeIntervalMax="5")
}}
"""
STORE = """\
module(load="imrelp" ruleset="in")
module(load="mmjsonparse")
lookup_table(name="senders" file="{senders}" reloadOnHUP="on")
template(name="path" type="list") {{
  constant(value="{store}/node")
  property(name="$.node")
  constant(value="/")
  property(name="timegenerated" dateFormat="year")
  constant(value="-")
  property(name="timegenerated" dateFormat="month")
  constant(value="-")
  property(name="timegenerated" dateFormat="day")
  constant(value=".log")
}}
template(name="line" type="list" option.jsonf="on") {{
  property(outname="received" name="timegenerated" dateFormat="rfc3339" format="jsonf")
  property(outname="reported" name="timereported" dateFormat="rfc3339" format="jsonf")
  property(outname="from" name="fromhost-ip" format="jsonf")
{fields}
}}
ruleset(name="out" queue.type="Direct") {{
  set $.node = lookup("senders", $fromhost-ip);
  action(type="omfile" dynaFile="path" template="line" dynaFileCacheSize="300" flushOnTXEnd="on"
         asyncWriting="off" fileCreateMode="0640" dirCreateMode="0750")
}}
ruleset(name="in" queue.type="Direct") {{
  action(type="mmjsonparse" cookie="@flotilla:")
  if $parsesuccess == "OK" then {{
{unpack}
  }} else {{
    set $.message = $msg;
  }}
  call out
}}
"""
LISTEN = """\
input(type="imrelp" port="{port}" address="{address}" keepAlive="on" keepAlive.time="20"
      keepAlive.interval="10" keepAlive.probes="3")
"""
OWN_LOGS = """\
ruleset(name="own" queue.type="Direct") {
  set $.program = re_extract($!metadata!filename, '([^/]*)[.]log$', 0, 1, "flotilla");
  set $.unit = "flotilla";
  set $.severity = "6";
  if $msg contains '"level": "debug"' then { set $.severity = "7"; }
  if $msg contains '"level": "warning"' then { set $.severity = "4"; }
  if $msg contains '"level": "error"' then { set $.severity = "3"; }
  if $msg contains '"level": "critical"' then { set $.severity = "2"; }
  call file
}
"""
APPLICATIONS = """\
ruleset(name="applications" queue.type="Direct") {
  set $.application = re_extract($!metadata!filename, '([^/]*)[.]log$', 0, 1, "");
  set $.program = $.application;
  set $.severity = "6";
  set $.message = re_extract($msg, '^[^ ]+ (stdout|stderr) [FP] (.*)$', 0, 2, $msg);
  call file
}
"""
SYSLOG = """\
ruleset(name="syslog" queue.type="Direct") {
  set $.program = re_extract($msg, "^([A-Z][a-z]{2} [ 0-9]{2} [0-9:]{8}|[^ ]+) [^ ]+ ([^ :[]+)",
                             0, 2, "");
  set $.severity = "6";
  call file
}
"""
FILE = """\
ruleset(name="file" queue.type="Direct") {{
  if $.message == "" then {{ set $.message = $msg; }}
  set $.message = substring($.message, 0, {longest});
  set $.facility = "local0";
  set $.id = hash64($!metadata!filename & ":" & $!metadata!fileoffset & ":" & $msg);
  call out
}}
"""
JOURNAL = """\
module(load="imjournal" stateFile="journal.state" persistStateInterval="{at_once}"
       ignorePreviousMessages="on" rateLimit.interval="0" usePidFromSystem="on")
ruleset(name="journal" queue.type="Direct") {{
  set $.program = $programname;
  set $.unit = $!_SYSTEMD_UNIT;
  set $.application = $!CONTAINER_NAME;
  set $.severity = $syslogseverity;
  set $.facility = $syslogfacility-text;
  set $.message = substring($msg, 0, {longest});
  set $.id = hash64($!_SOURCE_REALTIME_TIMESTAMP & ":" & $timereported & ":" & $!_PID & ":" & $msg);
  call out
}}
if $inputname == "imjournal" then {{ call journal }}
"""


def render(place: Place, sources: Sources, *, state_dir: Path, listens: bool = True) -> str:
    """The whole configuration of one node; a store without VPN ``listens`` to nobody."""
    work = work_dir(state_dir)
    parts = [GLOBAL.format(work=work), _way_out(place, state_dir=state_dir, work=work)]
    if place.is_store and listens:
        parts.append(LISTEN.format(port=PORT, address=place.address))
    parts.append(FILE.format(longest=LONGEST))
    parts += [OWN_LOGS, _input(state_dir / "log" / "*.log", ruleset="own")]
    parts += [APPLICATIONS, _input(applications_dir(state_dir) / "*.log", ruleset="applications")]
    if sources.journal:
        parts.append(JOURNAL.format(longest=LONGEST, at_once=AT_ONCE))
    elif sources.file:
        parts += [SYSLOG, _input(sources.file, ruleset="syslog")]
    return "".join(parts)


def render_senders(place: Place) -> str:
    """rsyslog's lookup table: who has which address; nobody's is node 0's."""
    rows = [{"index": address, "value": str(node)} for address, node in place.senders.items()]
    return json.dumps({"version": 1, "nomatch": "0", "type": "string", "table": rows})


def work_dir(state_dir: Path) -> Path:
    """Where rsyslog remembers how far it has read; outlives a reboot."""
    return state_dir / "rsyslog"


def applications_dir(state_dir: Path) -> Path:
    """Where podman writes what applications say, on a machine without a journal."""
    return state_dir / "log" / "applications"


def _way_out(place: Place, *, state_dir: Path, work: Path) -> str:
    fields = [f'property(outname="{name}" name="$.{name}" format="jsonf")' for name in PLAIN]
    if place.is_store:
        return STORE.format(
            senders=work / "senders.json",
            store=state_dir / "logs",
            fields="\n".join(fields),
            unpack="\n".join(f"    set $.{name} = $!{name};" for name in PLAIN),
        )
    separated = '\n  constant(value=",")\n'.join(f"  {field}" for field in fields)
    return SHIP.format(fields=separated, address=place.address, port=PORT, window=WINDOW)


def _input(path: Path, *, ruleset: str) -> str:
    return (
        f'input(type="imfile" file="{path}" tag="flotilla" addMetadata="on"\n'
        f'      persistStateInterval="{AT_ONCE}" maxSubmitAtOnce="{AT_ONCE}" ruleset="{ruleset}")\n'
    )
