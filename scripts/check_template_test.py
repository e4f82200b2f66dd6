"""Breaks each rule of check_template.py once, in a copy, and expects it to be reported.

Usage: target/aws/bin/python scripts/check_template_test.py
"""

import contextlib
import io
import shutil
import sys
import tempfile
from pathlib import Path

import check_template

TEMPLATE, CONFIG, ENRICH = "template.yaml", "shared/src/platform/config/variables.rs", "functions/enrich/src/context.rs"
QUEUE = "shared/src/work/queue.rs"
KEPT = "MessageRetentionPeriod: 1209600 # 14 days"
AFTER = "\n      SqsManagedSseEnabled: true\n  CatalogDeadLetters:"

# (file, text, its replacement at the first place, what must be reported)
BROKEN = [
    (TEMPLATE, "FunctionResponseTypes: [ReportBatchItemFailures]", "Enabled: true", "without ReportBatchItemFailures"),
    (TEMPLATE, "VisibilityTimeout: 725", "VisibilityTimeout: 720", "EnrichmentQueue needs a VisibilityTimeout of 725"),
    (TEMPLATE, "deadLetterTargetArn: !GetAtt CatalogDeadLetterQueue", "deadLetterTargetArn: !GetAtt Gone", "has no dead-letter queue"),
    (TEMPLATE, "maxReceiveCount: 1000", "maxReceiveCount: 3", "has another maxReceiveCount"),
    (QUEUE, "MAX_RECEIVE_COUNT: i32 = 1_000", "MAX_RECEIVE_COUNT: i32 = 7", "has another maxReceiveCount"),
    (TEMPLATE, KEPT + AFTER, "MessageRetentionPeriod: 345600" + AFTER, "CatalogDeadLetterQueue keeps dead letters for less"),
    (TEMPLATE, "RetentionInDays: !Ref LogRetentionDays", "LogGroupClass: STANDARD", "ApiFunction has no log group"),
    (TEMPLATE, "Binary: rollup", "Binary: rolup", "RollupFunction is built from rolup"),
    (TEMPLATE, "    DependsOn: Migration\n", "", "ApiFunction does not wait for Migration"),
    (TEMPLATE, "Type: Custom::Migration", "Type: AWS::SNS::Topic", "Migration is missing"),
    (TEMPLATE, "        - !Ref EnrichmentQueue\n", "", "EnrichmentQueue accepts requests without TLS"),
    (TEMPLATE, 'Principal: "*"', "Principal: {AWS: !Ref AWS::AccountId}", "CatalogQueue accepts requests without TLS"),
    (TEMPLATE, "Resource: !Ref DatabaseSecret", "Resource: [!Ref DatabaseSecret, !Ref SourcesSecret]", "ApiRole has access to SourcesSecret"),
    (TEMPLATE, "${DatabaseSecret}#API_DATABASE_URL", "${SourcesSecret}#API_DATABASE_URL", "ApiFunction has access to SourcesSecret"),
    (TEMPLATE, "MetricValue: $.open_issues", "MetricValue: $.issues", "OpenIssuesFilter reads $.issues, which sweep does not log"),
    (TEMPLATE, "        LOG: !Ref Log\n", "", "ApiFunction reads LOG, which is not set"),
    (TEMPLATE, "          SPOTIFY_MARKET: !Ref SpotifyMarket\n", "", "IngestFunction reads SPOTIFY_MARKET"),
    (TEMPLATE, "          CATALOG_QUEUE_URL:", "          PROXY: none\n          CATALOG_QUEUE_URL:", "ApiFunction is given PROXY, which its SETTINGS do not list"),
    (TEMPLATE, "        LOG_FORMAT: json", "        LOG_FORMAT: json\n        NO_COLOR: 1", "is given NO_COLOR"),
    (CONFIG, '    LOG {', '    LOGS {', "shared/src/platform/config/variables.rs has LOGS"),
    (ENRICH, "    variables::GENIUS_URL,\n", "", "EnrichFunction is given GENIUS_URL, which its SETTINGS do not list"),
    (ENRICH, "variables::GENIUS_URL,", "// variables::GENIUS_URL,", "EnrichFunction is given GENIUS_URL"),
    (ENRICH, "variables::GENIUS_URL,", "variables::GENIUS_URL,\n    variables::CREDIT_SOURCES,", "EnrichFunction reads CREDIT_SOURCES"),
    (ENRICH, "const SETTINGS:", "const OPTIONS:", "functions/enrich has 0 constants SETTINGS"),
]


def messages():
    said = io.StringIO()
    check_template.found.clear()
    with contextlib.redirect_stderr(said):
        check_template.main()
    return said.getvalue().splitlines()


def breaks(root, file, old, new, expected):
    path = root / file
    whole = path.read_text()
    if old not in whole:
        sys.exit(f"check_template_test.py: {old!r} is no longer in {file}")
    path.write_text(whole.replace(old, new, 1))
    said = messages()
    path.write_text(whole)
    if not any(expected in line for line in said):
        sys.exit(f"check_template.py misses the change of {old!r} in {file} to {new!r}; it reports {said}")


def main():
    sys.argv = sys.argv[:1]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for part in ("functions", "shared/src"):
            shutil.copytree(check_template.ROOT / part, root / part)
        shutil.copy(check_template.ROOT / TEMPLATE, root)
        check_template.ROOT = root
        if said := messages():
            sys.exit("\n".join(said))
        for case in BROKEN:
            breaks(root, *case)


if __name__ == "__main__":
    main()
