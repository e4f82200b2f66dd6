//! Reads functions and queues from `template.yaml`, so that the emulated stack is the deployed one. Resources
//! that cannot be emulated (IAM roles, alarms, retention) are ignored.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use super::emulator::Programs;

/// Parses the template with sam's own parser, which turns `!Ref X` into `{"Ref": "X"}`.
const PARSE_SCRIPT: &str = "import json, sys
from samcli.yamlhelper import yaml_parse
print(json.dumps(yaml_parse(open(sys.argv[1]).read())))";

/// The parsed template.
#[derive(Debug, Clone)]
pub struct SamTemplate(Value);

/// The event source mapping between a queue and its function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventSourceMapping {
    /// Name of the queue in the template.
    pub queue: String,
    /// Maximum number of messages per event.
    pub batch_size: usize,
    /// How long to wait for more messages of a batch.
    pub window: Duration,
    /// Maximum number of concurrent events.
    pub concurrency: usize,
}

impl SamTemplate {
    /// Reads the template.
    ///
    /// # Errors
    /// If the file is missing or not a template.
    pub fn read(programs: &Programs, path: &Path) -> anyhow::Result<Self> {
        let output = Command::new(&programs.python)
            .args(["-c", PARSE_SCRIPT])
            .arg(path)
            .output()
            .context("run Python")?;
        ensure!(
            output.status.success(),
            "{} cannot be read: {}",
            path.display(),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(Self(serde_json::from_slice(&output.stdout)?))
    }

    /// The properties of all resources of a type, with their names.
    pub(super) fn resources(&self, resource_type: &str) -> Vec<(&str, &Value)> {
        let resources = self.0["Resources"].as_object();
        resources
            .into_iter()
            .flatten()
            .filter(|(_, resource)| resource["Type"] == resource_type)
            .map(|(name, resource)| (name.as_str(), &resource["Properties"]))
            .collect()
    }

    /// The properties of the function of a binary.
    pub(super) fn function(&self, binary: &str) -> anyhow::Result<&Value> {
        let resources = self.0["Resources"].as_object();
        let mut functions = resources.into_iter().flatten().map(|(_, resource)| resource);
        let function = functions
            .find(|resource| resource["Metadata"]["BuildProperties"]["Binary"] == binary)
            .with_context(|| format!("the template has no function for the binary {binary}"))?;
        Ok(&function["Properties"])
    }

    /// The environment variables of a function, with unevaluated values.
    pub(super) fn variables(&self, function: &Value) -> BTreeMap<String, Value> {
        let global = &self.0["Globals"]["Function"]["Environment"]["Variables"];
        let own = &function["Environment"]["Variables"];
        [global, own]
            .into_iter()
            .filter_map(Value::as_object)
            .flatten()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    /// The default value of a parameter.
    pub(super) fn default(&self, parameter: &str) -> Option<String> {
        match &self.0["Parameters"][parameter]["Default"] {
            Value::Null => None,
            value => Some(text(value)),
        }
    }

    /// The event source mapping of a function.
    ///
    /// # Errors
    /// If the function has no queue, or does not report which messages of a batch failed.
    pub fn mapping(&self, binary: &str) -> anyhow::Result<EventSourceMapping> {
        let function = self.function(binary)?;
        let mut events = function["Events"].as_object().into_iter().flatten();
        let event = events
            .find(|(_, event)| event["Type"] == "SQS")
            .with_context(|| format!("{binary} has no queue"))?;
        let event = &event.1["Properties"];
        let number = |value: &Value| value.as_u64().context("a number is missing");
        ensure!(
            event["FunctionResponseTypes"] == serde_json::json!(["ReportBatchItemFailures"]),
            "{binary} does not report which messages failed"
        );
        let Value::String(queue) = &event["Queue"]["Fn::GetAtt"][0] else {
            bail!("{binary}'s event names no queue of the template");
        };
        Ok(EventSourceMapping {
            queue: queue.clone(),
            batch_size: number(&event["BatchSize"])? as usize,
            window: Duration::from_secs(number(&event["MaximumBatchingWindowInSeconds"])?),
            concurrency: number(&event["ScalingConfig"]["MaximumConcurrency"])? as usize,
        })
    }
}

/// A value of the template as text.
pub(super) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
