"""Checks what no linter knows about template.yaml: what the handlers expect of their queues, and that each function is given
exactly the variables that it reads. The variables that a function reads are taken from its code.

Usage: target/aws/bin/python scripts/check_template.py [TEMPLATE]
"""

import re
import sys
from pathlib import Path

from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).resolve().parent.parent
TWO_WEEKS = 14 * 24 * 60 * 60

# Expressions in the code of a function, and the variables that they read. A pace is read with its client.
READS = {
    "config.log": ["LOG", "LOG_FORMAT"],
    "config.database": ["DATABASE_URL", "DATABASE_STATEMENTS"],
    "config.disabled_sources": ["SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET", "CONTACT", "DISCOGS_TOKEN", "GENIUS_TOKEN"],
    "config.enabled_sources": [
        "SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET", "CONTACT", "DISCOGS_TOKEN", "GENIUS_TOKEN", "INSTAGRAM_TOKEN", "INSTAGRAM_USER_ID"
    ],
    "config.attempts": ["MAX_RECEIVE_COUNT"],
    "config.request_rates": [],
    "Clients::new": ["CONTACT"],
    "clients.spotify": ["SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET", "SPOTIFY_MARKET", "SPOTIFY_PER_SECOND"],
    "clients.musicbrainz": ["MUSICBRAINZ_URL", "MUSICBRAINZ_PER_SECOND", "CONTACT"],
    "clients.discogs": ["DISCOGS_TOKEN", "DISCOGS_URL", "DISCOGS_PER_SECOND"],
    "clients.genius": ["GENIUS_TOKEN", "GENIUS_URL", "GENIUS_PER_SECOND"],
    "clients.instagram": ["INSTAGRAM_TOKEN", "INSTAGRAM_USER_ID", "INSTAGRAM_URL", "INSTAGRAM_PER_HOUR"],
    "config.credit_sources": ["CREDIT_SOURCES"],
    "Queues::from_config": [],  # the variables of the queues whose messages it names
}
# Addresses of stand-ins, and what only matters on a terminal.
ONLY_ELSEWHERE = {"AWS_ENDPOINT_URL", "NO_COLOR", "SPOTIFY_TOKEN_URL", "SPOTIFY_URL"}

found = []


def require(holds, message):
    if not holds:
        found.append(message)


def code(*paths):
    """The code without its tests and comments."""
    texts = (re.split(r"^#\[cfg\(test\)\]", path.read_text(), flags=re.MULTILINE)[0] for path in paths)
    return re.sub(r"//.*", "", "\n".join(texts))


def declared_variables():
    block = re.search(r"^variables! \{\n(.*?)^\}", (ROOT / "shared/src/platform/config/variables.rs").read_text(), re.DOTALL | re.MULTILINE)
    return set(re.findall(r"^    ([A-Z][A-Z0-9_]*) \{", block[1] if block else "", re.MULTILINE))


def queue_of_message():
    arms = re.search(r"fn queue\(&self\).*?\n    \}", code(ROOT / "shared/src/domain/messages.rs"), re.DOTALL)[0]
    return {
        kind: queue.upper()
        for pattern, queue in re.findall(r"((?:[|\s]*Message::\w+ \{ \.\. \})+) => QueueName::(\w+)", arms)
        for kind in re.findall(r"Message::(\w+)", pattern)
    }


def variables_of_queue(queue):
    return {f"{queue}_QUEUE_URL", f"{queue}_DEAD_LETTER_QUEUE_URL"}


def variables_read(binary, queues):
    """The variables that the code of a function reads. Reports expressions that READS does not list."""
    sources = sorted((ROOT / "functions" / binary / "src").rglob("*.rs"))
    text = code(*sources)
    says = {f"{name}.{field}" for name, field in re.findall(r"\b(config|clients)\s*\.(\w+)", text)}
    takers = re.findall(r"([\w:]+)\([^()]*(?<![\w.])config\b(?!\s*[.:])", text)
    says |= {taker for taker in takers if f"fn {taker}(" not in text}
    for unknown in sorted(says - READS.keys()):
        require(False, f"functions/{binary} uses {unknown}: add to READS which variables that reads")
    read = {variable for use in says & READS.keys() for variable in READS[use]}
    if "Queues::from_config" in says:
        if re.search(r"\bingestion_requests::", text):
            text += code(ROOT / "shared/src/work/ingestion_requests.rs")
        # A pattern without fields only distinguishes messages.
        kinds = re.findall(r"\bMessage::(\w+)\s*\{(?!\s*\.\.)", text)
        read |= {variable for kind in kinds for variable in variables_of_queue(queues[kind])}
    return read


def target(reference):
    """The resource or parameter that `!Ref` or `!GetAtt` names."""
    if not isinstance(reference, dict):
        return None
    attribute = reference.get("Fn::GetAtt")
    return attribute[0] if attribute else reference.get("Ref")


def check_function(name, function, binary, template, queues):
    properties = function["Properties"]
    shared = template["Globals"]["Function"].get("Environment", {}).get("Variables", {})
    its_own = {**shared, **properties.get("Environment", {}).get("Variables", {})}
    read = variables_read(binary, queues)
    for variable in sorted(read - its_own.keys()):
        require(False, f"{name} reads {variable}, which is not set for it")
    for variable in sorted(its_own.keys() - read):
        require(False, f"{name} is given {variable}, which it does not read")
    group = template["Resources"].get(target(properties.get("LoggingConfig", {}).get("LogGroup")), {})
    require(group.get("Properties", {}).get("RetentionInDays"), f"{name} has no log group with a retention")
    after = function.get("DependsOn", [])
    after = [after] if isinstance(after, str) else after
    require(binary == "migrate" or "Migration" in after, f"{name} does not wait for Migration")
    return its_own.get("MAX_RECEIVE_COUNT")


def check_event(name, function, event, resources):
    properties = event["Properties"]
    queue = target(properties["Queue"])
    require(
        properties.get("FunctionResponseTypes") == ["ReportBatchItemFailures"],
        f"{name} takes {queue} without ReportBatchItemFailures: one bad message would fail its whole batch",
    )
    least = 6 * function["Properties"]["Timeout"] + properties.get("MaximumBatchingWindowInSeconds", 0)
    require(
        resources[queue]["Properties"].get("VisibilityTimeout", 30) >= least,
        f"{queue} needs a VisibilityTimeout of {least} seconds: 6 times {name}'s time-out, plus the batching window",
    )


def check_queues(resources, max_receive_counts):
    queues = {name: it["Properties"] for name, it in resources.items() if it["Type"] == "AWS::SQS::Queue"}
    redrives = {name: queue["RedrivePolicy"] for name, queue in queues.items() if "RedrivePolicy" in queue}
    dead_letters = {target(redrive.get("deadLetterTargetArn")) for redrive in redrives.values()}
    for name, queue in queues.items():
        if name in dead_letters:
            require(queue.get("MessageRetentionPeriod") == TWO_WEEKS, f"{name} keeps dead letters for less than 14 days")
            continue
        redrive = redrives.get(name, {})
        require(target(redrive.get("deadLetterTargetArn")) in queues, f"{name} has no dead-letter queue")
        counts = [redrive.get("maxReceiveCount"), *max_receive_counts]
        require(
            target(counts[0]) and all(count == counts[0] for count in counts),
            f"{name} has another maxReceiveCount than the functions have in MAX_RECEIVE_COUNT",
        )


def check_tables(queues):
    declared = declared_variables()
    known = {variable for variables in READS.values() for variable in variables} | ONLY_ELSEWHERE
    known |= {variable for queue in queues.values() for variable in variables_of_queue(queue)}
    for variable in sorted(declared - known):
        require(False, f"shared/src/platform/config/variables.rs has {variable}: add to READS what reads it")
    for variable in sorted(known - declared):
        require(False, f"shared/src/platform/config/variables.rs has no {variable}, which READS or ONLY_ELSEWHERE names")


def main():
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "template.yaml"
    template = yaml_parse(path.read_text())
    resources = template["Resources"]
    queues = queue_of_message()
    check_tables(queues)
    crates = {crate.parent.parent.name for crate in ROOT.glob("functions/*/src/main.rs")} - {"local"}
    built, max_receive_counts = set(), []
    for name, function in resources.items():
        if function["Type"] != "AWS::Serverless::Function":
            continue
        binary = function.get("Metadata", {}).get("BuildProperties", {}).get("Binary")
        require(binary in crates, f"{name} is built from {binary}, which is not a crate in functions/")
        if binary not in crates:
            continue
        built.add(binary)
        max_receive_counts.append(check_function(name, function, binary, template, queues))
        for event in function["Properties"].get("Events", {}).values():
            if event["Type"] == "SQS":
                check_event(name, function, event, resources)
    for crate in sorted(crates - built):
        require(False, f"functions/{crate} has no function in the template")
    require(resources.get("Migration", {}).get("Type", "").startswith("Custom::"), "Migration is missing")
    check_queues(resources, [count for count in max_receive_counts if count is not None])
    for message in found:
        print(f"{path.name}: {message}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
