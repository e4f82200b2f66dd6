//! The stack of `template.yaml` on moto: its queues, and its functions with the environment they are deployed
//! with.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::{Map, Value, json};

use super::emulator::{EmulatedFunction, Emulator, Programs};
use super::event_source::EventSource;
use super::moto::{ACCOUNT, AwsClient, REGION};
use super::template::{SamTemplate, text};

/// The options of a stack.
#[derive(Debug, Clone, Default)]
pub struct StackOptions {
    /// Prefix of the queue names.
    pub name: String,
    /// Parameters of the template that differ from their defaults.
    pub parameters: BTreeMap<String, String>,
    /// Additional environment variables of all functions, such as the addresses of stand-ins.
    pub variables: Vec<(String, String)>,
    /// Visibility time-out of the queues, if it differs from the template.
    pub visibility: Option<Duration>,
}

/// A stack with its queues.
#[derive(Debug, Clone)]
pub struct Stack {
    /// The client for its queues.
    pub aws: AwsClient,
    /// The template.
    pub template: SamTemplate,
    programs: Programs,
    options: StackOptions,
    /// By name in the template.
    queue_urls: BTreeMap<String, String>,
}

impl Stack {
    /// Creates the queues.
    ///
    /// # Errors
    /// If moto rejects a call, or the template refers to something undefined.
    pub async fn create(
        programs: &Programs,
        template: &Path,
        aws: AwsClient,
        options: StackOptions,
    ) -> anyhow::Result<Self> {
        let mut stack = Self {
            aws,
            template: SamTemplate::read(programs, template)?,
            programs: programs.clone(),
            options,
            queue_urls: BTreeMap::new(),
        };
        let template = stack.template.clone();
        for (name, properties) in template.resources("AWS::SQS::Queue") {
            let request = json!({
                "QueueName": stack.queue_name(name),
                "Attributes": stack.queue_attributes(properties)?,
            });
            let answer = stack.aws.sqs("CreateQueue", &request).await?;
            let url = answer["QueueUrl"].as_str().context("the queue has no URL")?;
            stack.queue_urls.insert(name.to_owned(), url.to_owned());
        }
        Ok(stack)
    }

    /// The URL of a queue of the template.
    ///
    /// # Errors
    /// If the template has no queue of this name.
    pub fn queue_url(&self, name: &str) -> anyhow::Result<&str> {
        let url = self.queue_urls.get(name);
        url.map(String::as_str)
            .with_context(|| format!("the template has no queue {name}"))
    }

    /// Number of messages in a queue, including those being handled and delayed ones.
    ///
    /// # Errors
    /// If moto rejects the call.
    pub async fn count(&self, queue: &str) -> anyhow::Result<u64> {
        let request = json!({"QueueUrl": self.queue_url(queue)?, "AttributeNames": ["All"]});
        let answer = self.aws.sqs("GetQueueAttributes", &request).await?;
        let number = |name: &str| -> u64 {
            let text = answer["Attributes"][name].as_str();
            text.and_then(|text| text.parse().ok()).unwrap_or(0)
        };
        Ok(number("ApproximateNumberOfMessages")
            + number("ApproximateNumberOfMessagesNotVisible")
            + number("ApproximateNumberOfMessagesDelayed"))
    }

    /// Sends a message to a queue.
    ///
    /// # Errors
    /// If moto rejects the call.
    pub async fn send(&self, queue: &str, body: &str) -> anyhow::Result<()> {
        let request = json!({"QueueUrl": self.queue_url(queue)?, "MessageBody": body});
        self.aws.sqs("SendMessage", &request).await.map(drop)
    }

    /// The function of a binary, as the template defines it.
    ///
    /// # Errors
    /// If the template has no such function, or refers to something undefined.
    pub fn function(&self, binary: &str) -> anyhow::Result<EmulatedFunction> {
        let function = self.template.function(binary)?;
        let mut environment = vec![
            ("AWS_REGION".to_owned(), REGION.to_owned()),
            ("AWS_ACCESS_KEY_ID".to_owned(), "e2e".to_owned()),
            ("AWS_SECRET_ACCESS_KEY".to_owned(), "e2e".to_owned()),
            ("AWS_ENDPOINT_URL".to_owned(), self.aws.url().to_owned()),
        ];
        environment.extend(self.options.variables.iter().cloned());
        for (name, value) in self.template.variables(function) {
            let value = self
                .resolve(&value)
                .with_context(|| format!("{name} of {binary}"))?;
            environment.push((name, value));
        }
        let seconds = function["Timeout"]
            .as_u64()
            .context("the function has no Timeout")?;
        Ok(EmulatedFunction {
            name: binary.to_owned(),
            environment,
            time_out: Duration::from_secs(seconds),
        })
    }

    /// Starts an instance of the function of a binary.
    ///
    /// # Errors
    /// Like [`Stack::function`] and [`Emulator::start`].
    pub async fn start(&self, binary: &str) -> anyhow::Result<Emulator> {
        self.start_function(&self.function(binary)?).await
    }

    /// Starts an instance of a function, which may differ from the template's.
    ///
    /// # Errors
    /// Like [`Emulator::start`].
    pub async fn start_function(&self, function: &EmulatedFunction) -> anyhow::Result<Emulator> {
        Emulator::start(&self.programs, function).await
    }

    /// Starts the maximum number of concurrent instances of a function, and passes them the messages of their
    /// queue.
    ///
    /// # Errors
    /// Like [`Stack::start`].
    pub async fn start_event_source(&self, function: &EmulatedFunction) -> anyhow::Result<EventSource> {
        let mapping = self.template.mapping(&function.name)?;
        let mut instances = Vec::new();
        for _ in 0..mapping.concurrency {
            instances.push(self.start_function(function).await?);
        }
        let url = self.queue_url(&mapping.queue)?;
        let arn = self.queue_arn(&mapping.queue);
        Ok(EventSource::start(&self.aws, url, &arn, &mapping, instances))
    }

    fn queue_name(&self, name: &str) -> String {
        format!("{}-{name}", self.options.name)
    }

    fn queue_arn(&self, name: &str) -> String {
        format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{}", self.queue_name(name))
    }

    fn queue_attributes(&self, properties: &Value) -> anyhow::Result<Map<String, Value>> {
        let mut attributes = Map::new();
        for name in ["VisibilityTimeout", "MessageRetentionPeriod"] {
            if let Some(value) = properties.get(name) {
                attributes.insert(name.to_owned(), text(value).into());
            }
        }
        if let Some(policy) = properties.get("RedrivePolicy") {
            let policy = json!({
                "deadLetterTargetArn": self.resolve(&policy["deadLetterTargetArn"])?,
                "maxReceiveCount": self.resolve(&policy["maxReceiveCount"])?,
            });
            attributes.insert("RedrivePolicy".to_owned(), policy.to_string().into());
            if let Some(visibility) = self.options.visibility {
                let seconds = visibility.as_secs().to_string();
                attributes.insert("VisibilityTimeout".to_owned(), seconds.into());
            }
        }
        Ok(attributes)
    }

    /// Evaluates a value as CloudFormation does.
    fn resolve(&self, value: &Value) -> anyhow::Result<String> {
        let Some((function, argument)) = value.as_object().and_then(|object| object.iter().next()) else {
            return Ok(text(value));
        };
        match (function.as_str(), argument) {
            ("Ref", Value::String(name)) => self.reference(name),
            ("Fn::GetAtt", Value::Array(path)) if path.len() == 2 && path[1] == "Arn" => {
                Ok(self.queue_arn(&text(&path[0])))
            }
            ("Fn::Sub", Value::String(text)) => self.substitute(text),
            _ => bail!("{value} is not supported by this emulation"),
        }
    }

    fn reference(&self, name: &str) -> anyhow::Result<String> {
        let parameter = self.options.parameters.get(name).cloned();
        parameter
            .or_else(|| self.template.default(name))
            .or_else(|| self.queue_urls.get(name).cloned())
            .with_context(|| format!("{name} is neither a parameter with a value nor a queue"))
    }

    fn substitute(&self, text: &str) -> anyhow::Result<String> {
        let mut parts = text.split("${");
        let mut substituted = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}').context("${ without a closing brace")?;
            substituted.push_str(&self.reference(name)?);
            substituted.push_str(rest);
        }
        Ok(substituted)
    }
}
