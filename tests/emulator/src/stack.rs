//! The stack of `template.yaml` at moto: its queues, and its functions with the environment they are deployed with.
//! Running the functions is up to whoever asks for them.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::{Map, Value, json};

use super::emulator::{EmulatedFunction, Emulator, Programs};
use super::event_source::EventSource;
use super::moto::{ACCOUNT, AwsClient, REGION};
use super::template::{SamTemplate, text};

/// What differs from one stack to another.
#[derive(Debug, Clone, Default)]
pub struct StackOptions {
    /// What the names of its queues begin with.
    pub name: String,
    /// The template's parameters, but for those that are to have their defaults.
    pub parameters: BTreeMap<String, String>,
    /// What every function has in its environment besides: the addresses of what stands for the upstreams.
    pub variables: Vec<(String, String)>,
    /// How long nobody else gets a message, where that is not to be the time of the template.
    pub visibility: Option<Duration>,
}

/// A stack.
#[derive(Debug, Clone)]
pub struct Stack {
    /// Where its queues are.
    pub aws: AwsClient,
    /// What it was made from.
    pub template: SamTemplate,
    programs: Programs,
    options: StackOptions,
    /// By their names in the template.
    queue_urls: BTreeMap<String, String>,
}

impl Stack {
    /// Makes the queues.
    ///
    /// # Errors
    /// Where moto refuses, or the template refers to what is not there.
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
            let url = answer["QueueUrl"].as_str().context("no URL of a queue")?;
            stack.queue_urls.insert(name.to_owned(), url.to_owned());
        }
        Ok(stack)
    }

    /// Where a queue of the template is.
    ///
    /// # Errors
    /// Where there is none of that name.
    pub fn queue_url(&self, name: &str) -> anyhow::Result<&str> {
        let url = self.queue_urls.get(name);
        url.map(String::as_str)
            .with_context(|| format!("the template has no queue {name}"))
    }

    /// How many messages a queue has, those that are being worked on among them.
    ///
    /// # Errors
    /// moto's.
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

    /// Puts a body on a queue.
    ///
    /// # Errors
    /// moto's.
    pub async fn send(&self, queue: &str, body: &str) -> anyhow::Result<()> {
        let request = json!({"QueueUrl": self.queue_url(queue)?, "MessageBody": body});
        self.aws.sqs("SendMessage", &request).await.map(drop)
    }

    /// The function with a binary, as the template has it.
    ///
    /// # Errors
    /// Where the template has none, or refers to what is not there.
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
        let seconds = function["Timeout"].as_u64().context("no time-out")?;
        Ok(EmulatedFunction {
            name: binary.to_owned(),
            environment,
            time_out: Duration::from_secs(seconds),
        })
    }

    /// Starts an instance of the function with a binary.
    ///
    /// # Errors
    /// As [`Stack::function`] and [`Emulator::start`].
    pub async fn start(&self, binary: &str) -> anyhow::Result<Emulator> {
        self.start_function(&self.function(binary)?).await
    }

    /// Starts an instance of a function that differs from the template's.
    ///
    /// # Errors
    /// As [`Emulator::start`].
    pub async fn start_function(&self, function: &EmulatedFunction) -> anyhow::Result<Emulator> {
        Emulator::start(&self.programs, function).await
    }

    /// Starts as many instances of a function as may run at once, and gives them the messages of their queue.
    ///
    /// # Errors
    /// As [`Stack::start`].
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

    /// What CloudFormation makes of a value.
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
            _ => bail!("{value} is not understood here"),
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
            let (name, rest) = part.split_once('}').context("an open ${")?;
            substituted.push_str(&self.reference(name)?);
            substituted.push_str(rest);
        }
        Ok(substituted)
    }
}
