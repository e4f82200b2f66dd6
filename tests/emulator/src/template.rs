//! What `template.yaml` says of the functions and queues, so that what is tried out is what is deployed. What cannot be
//! emulated here (roles, alarms, retention) is not read.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use super::emulator::Programs;

/// sam's own reading of it, with `!Ref X` as `{"Ref": "X"}`.
const READ: &str = "import json, sys
from samcli.yamlhelper import yaml_parse
print(json.dumps(yaml_parse(open(sys.argv[1]).read())))";

/// The template.
#[derive(Debug, Clone)]
pub struct SamTemplate(Value);

/// How a queue's messages reach its function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventSourceMapping {
    /// The queue's name in the template.
    pub queue: String,
    /// The most messages of an event.
    pub batch_size: usize,
    /// How long to wait for more of them.
    pub window: Duration,
    /// The most events at once.
    pub concurrency: usize,
}

impl SamTemplate {
    /// Reads it.
    ///
    /// # Errors
    /// Where it is not there or is no template.
    pub fn read(programs: &Programs, path: &Path) -> anyhow::Result<Self> {
        let output = Command::new(&programs.python)
            .args(["-c", READ])
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

    /// Every resource of a type by name.
    pub(super) fn resources(&self, wanted: &str) -> Vec<(&str, &Value)> {
        let resources = self.0["Resources"].as_object();
        resources
            .into_iter()
            .flatten()
            .filter(|(_, resource)| resource["Type"] == wanted)
            .map(|(name, resource)| (name.as_str(), &resource["Properties"]))
            .collect()
    }

    /// The properties of the function with a binary.
    pub(super) fn function(&self, binary: &str) -> anyhow::Result<&Value> {
        let resources = self.0["Resources"].as_object();
        let mut functions = resources.into_iter().flatten().map(|(_, resource)| resource);
        let function = functions
            .find(|resource| resource["Metadata"]["BuildProperties"]["Binary"] == binary)
            .with_context(|| format!("the template has no function of the binary {binary}"))?;
        Ok(&function["Properties"])
    }

    /// The variables of a function by name, unresolved.
    pub(super) fn variables(&self, function: &Value) -> BTreeMap<String, Value> {
        let everywhere = &self.0["Globals"]["Function"]["Environment"]["Variables"];
        let its = &function["Environment"]["Variables"];
        [everywhere, its]
            .into_iter()
            .filter_map(Value::as_object)
            .flatten()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    /// What a parameter is where nobody says otherwise.
    pub(super) fn default(&self, parameter: &str) -> Option<String> {
        match &self.0["Parameters"][parameter]["Default"] {
            Value::Null => None,
            value => Some(text(value)),
        }
    }

    /// How a function is given the messages of its queue.
    ///
    /// # Errors
    /// Where it has no queue, or does not report which messages of a batch failed.
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
