"""Checks what no linter knows about template.yaml: what the handlers expect of their queues, that each function is given exactly
the variables that its constant SETTINGS lists, that queues accept TLS only, and that the API has no credentials of sources.

Usage: target/aws/bin/python scripts/check_template.py [TEMPLATE]
"""

import re
import sys
from pathlib import Path

from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).resolve().parent.parent
TWO_WEEKS = 14 * 24 * 60 * 60

# Listed, but not in the template: addresses of stand-ins. NO_COLOR only matters on a terminal.
ONLY_ELSEWHERE = {"AWS_ENDPOINT_URL", "NO_COLOR", "SPOTIFY_TOKEN_URL", "SPOTIFY_URL"}

found = []


def require(holds, message):
    if not holds:
        found.append(message)


def declared_variables():
    block = re.search(r"^variables! \{\n(.*?)^\}", (ROOT / "shared/src/platform/config/variables.rs").read_text(), re.DOTALL | re.MULTILINE)
    return set(re.findall(r"^    ([A-Z][A-Z0-9_]*) \{", block[1] if block else "", re.MULTILINE))


def max_receive_count():
    text = (ROOT / "shared/src/work/queue.rs").read_text()
    return int(re.search(r"const MAX_RECEIVE_COUNT: i32 = ([\d_]+);", text)[1])


def listed_variables(binary):
    """The variables in the constant SETTINGS of a function."""
    sources = (ROOT / "functions" / binary / "src").rglob("*.rs")
    text = "\n".join(re.sub(r"//.*", "", source.read_text()) for source in sources)
    constants = re.findall(r"\bconst SETTINGS: &\[Variable\] = &\[(.*?)\];", text, re.DOTALL)
    require(len(constants) == 1, f"functions/{binary} has {len(constants)} constants SETTINGS")
    return {variable for constant in constants for variable in re.findall(r"\bvariables::(\w+)", constant)}


def target(reference):
    """The resource or parameter that `!Ref` or `!GetAtt` names."""
    if not isinstance(reference, dict):
        return None
    attribute = reference.get("Fn::GetAtt")
    return attribute[0] if attribute else reference.get("Ref")


def check_function(name, function, binary, listed, template):
    properties = function["Properties"]
    shared = template["Globals"]["Function"].get("Environment", {}).get("Variables", {})
    its_own = {**shared, **properties.get("Environment", {}).get("Variables", {})}
    for variable in sorted(listed - its_own.keys() - ONLY_ELSEWHERE):
        require(False, f"{name} reads {variable}, which is not set for it")
    for variable in sorted(its_own.keys() - listed):
        require(False, f"{name} is given {variable}, which its SETTINGS do not list")
    group = template["Resources"].get(target(properties.get("LoggingConfig", {}).get("LogGroup")), {})
    require(group.get("Properties", {}).get("RetentionInDays"), f"{name} has no log group with a retention")
    after = function.get("DependsOn", [])
    after = [after] if isinstance(after, str) else after
    require(binary == "migrate" or "Migration" in after, f"{name} does not wait for Migration")


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


def check_queues(resources):
    queues = {name: it["Properties"] for name, it in resources.items() if it["Type"] == "AWS::SQS::Queue"}
    redrives = {name: queue["RedrivePolicy"] for name, queue in queues.items() if "RedrivePolicy" in queue}
    most = max_receive_count()
    dead_letters = {target(redrive.get("deadLetterTargetArn")) for redrive in redrives.values()}
    for name, queue in queues.items():
        if name in dead_letters:
            require(queue.get("MessageRetentionPeriod") == TWO_WEEKS, f"{name} keeps dead letters for less than 14 days")
            continue
        redrive = redrives.get(name, {})
        require(target(redrive.get("deadLetterTargetArn")) in queues, f"{name} has no dead-letter queue")
        require(
            redrive.get("maxReceiveCount") == most,
            f"{name} has another maxReceiveCount than MAX_RECEIVE_COUNT in shared/src/work/queue.rs",
        )


def check_tls(resources):
    queues = {name for name, it in resources.items() if it["Type"] == "AWS::SQS::Queue"}
    covered = set()
    for policy in (it["Properties"] for it in resources.values() if it["Type"] == "AWS::SQS::QueuePolicy"):
        if any(denies_plain_text(statement) for statement in policy["PolicyDocument"]["Statement"]):
            covered.update(target(queue) for queue in policy["Queues"])
    for name in sorted(queues - covered):
        require(False, f"{name} accepts requests without TLS: add it to a policy that denies them")


def denies_plain_text(statement):
    return (
        statement["Effect"] == "Deny"
        and statement["Principal"] == "*"
        and statement["Action"] == "sqs:*"
        and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
    )


def names_in(value):
    """The resources and parameters that any part of a value names."""
    if isinstance(value, dict):
        own = {target(value)} if target(value) else set()
        text = value.get("Fn::Sub")
        own |= set(re.findall(r"\$\{(\w+)", text)) if isinstance(text, str) else set()
        return own.union(*map(names_in, value.values()))
    return set().union(*map(names_in, value)) if isinstance(value, list) else set()


def check_secrets(resources):
    """The API is what others reach: it must not see the credentials of the sources."""
    for name in ("ApiFunction", "ApiRole"):
        require("SourcesSecret" not in names_in(resources[name]), f"{name} has access to SourcesSecret")


def check_metrics(resources):
    """A misspelt field would give an alarm that never rings."""
    logged = (ROOT / "functions/sweep/src/context.rs").read_text()
    fields = set(re.findall(r"\w+", re.search(r"tracing::info!\((.*?)\"", logged, re.DOTALL)[1]))
    for name, filter in resources.items():
        if filter["Type"] == "AWS::Logs::MetricFilter":
            value = filter["Properties"]["MetricTransformations"][0]["MetricValue"]
            require(value.removeprefix("$.") in fields, f"{name} reads {value}, which sweep does not log")


def check_variables(listed):
    known = ONLY_ELSEWHERE.union(*listed.values())
    for variable in sorted(declared_variables() - known):
        require(False, f"shared/src/platform/config/variables.rs has {variable}: add it to the SETTINGS of a function")


def main():
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "template.yaml"
    template = yaml_parse(path.read_text())
    resources = template["Resources"]
    crates = {crate.parent.parent.name for crate in ROOT.glob("functions/*/src/main.rs")} - {"local"}
    listed = {crate: listed_variables(crate) for crate in sorted(crates)}
    check_variables(listed)
    built = set()
    for name, function in resources.items():
        if function["Type"] != "AWS::Serverless::Function":
            continue
        binary = function.get("Metadata", {}).get("BuildProperties", {}).get("Binary")
        require(binary in crates, f"{name} is built from {binary}, which is not a crate in functions/")
        if binary not in crates:
            continue
        built.add(binary)
        check_function(name, function, binary, listed[binary], template)
        for event in function["Properties"].get("Events", {}).values():
            if event["Type"] == "SQS":
                check_event(name, function, event, resources)
    for crate in sorted(crates - built):
        require(False, f"functions/{crate} has no function in the template")
    require(resources.get("Migration", {}).get("Type", "").startswith("Custom::"), "Migration is missing")
    check_queues(resources)
    check_tls(resources)
    check_secrets(resources)
    check_metrics(resources)
    for message in found:
        print(f"{path.name}: {message}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
