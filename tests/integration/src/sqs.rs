//! A stand-in for SQS at a free port of the loopback address: it records the requests of a function, and
//! refuses them or never answers if a test wants that. It stores messages only where a test receives some,
//! because a function receives none by itself.

mod stored;

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region};
use serde_json::{Value, json};
use shared::domain::messages::QueueName;
use shared::platform::config::SqsUrls;
use shared::work::queue::Queues;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

/// How the stand-in answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SqsBehavior {
    /// As SQS does for empty queues.
    Normal,
    /// As SQS does: it stores messages, hides those that were received, and deletes them by their receipt.
    Stores,
    /// As SQS does while each queue has a message that was received and not deleted.
    Busy,
    /// The credentials are wrong.
    Refuses,
    /// It never answers.
    Hangs,
    /// It accepts all messages of a batch but the first, whose content it refuses.
    RefusesFirst,
}

/// The stand-in, and the queues on it.
pub struct Sqs {
    /// The queues for a function.
    pub queues: Queues,
    server: MockServer,
}

impl Sqs {
    /// Starts one.
    pub async fn start(behavior: SqsBehavior) -> Self {
        let ok = |received: &str| {
            ResponseTemplate::new(200).set_body_json(json!({
                "MessageId": "m",
                "Attributes": {
                    "ApproximateNumberOfMessages": "0",
                    "ApproximateNumberOfMessagesNotVisible": received,
                    "ApproximateNumberOfMessagesDelayed": "0",
                },
            }))
        };
        let server = MockServer::start().await;
        if behavior == SqsBehavior::Stores {
            let stored = stored::StoredMessages::default();
            Mock::given(any()).respond_with(stored).mount(&server).await;
            return Self::at(server);
        }
        let answer = match behavior {
            SqsBehavior::Stores => unreachable!("it returned above"),
            SqsBehavior::Normal => ok("0"),
            SqsBehavior::Busy => ok("1"),
            SqsBehavior::RefusesFirst => ResponseTemplate::new(200).set_body_json(json!({
                "Successful": [],
                "Failed": [{"Id": "0", "SenderFault": true, "Code": "InvalidMessageContents",
                    "Message": "a character that is not allowed"}],
            })),
            SqsBehavior::Refuses => ResponseTemplate::new(403).set_body_json(json!({
                "__type": "com.amazon.coral.service#InvalidClientTokenId",
                "message": "The security token included in the request is invalid.",
            })),
            SqsBehavior::Hangs => ok("0").set_delay(Duration::MAX),
        };
        Mock::given(any()).respond_with(answer).mount(&server).await;
        Self::at(server)
    }

    fn at(server: MockServer) -> Self {
        let endpoint = server.uri();
        let urls = |queue: &QueueName| SqsUrls {
            url: format!("{endpoint}/1/{queue}"),
            dead_letter_url: format!("{endpoint}/1/{queue}-dead"),
        };
        let urls: BTreeMap<_, _> = QueueName::ALL.iter().map(|queue| (*queue, urls(queue))).collect();
        let config = aws_sdk_sqs::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("eu-west-1"))
            .credentials_provider(Credentials::new("id", "key", None, None, "test"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .endpoint_url(endpoint);
        let client = aws_sdk_sqs::Client::from_conf(config.build());
        Self {
            queues: Queues::Sqs { client, urls },
            server,
        }
    }

    /// The requests in their order, each with the action, the queue and the essential part of the rest.
    pub async fn calls(&self) -> Vec<String> {
        let requests = self.server.received_requests().await.unwrap();
        requests.iter().map(call).collect()
    }

    /// Receives the bodies of all messages on a queue.
    pub async fn receive(&self, queue: QueueName) -> Vec<String> {
        let Queues::Sqs { client, urls } = &self.queues else {
            unreachable!("these queues are on SQS");
        };
        let mut bodies = Vec::new();
        loop {
            let request = client.receive_message().queue_url(&urls[&queue].url);
            let request = request.max_number_of_messages(10).visibility_timeout(60);
            let received = request.send().await.unwrap().messages.unwrap_or_default();
            if received.is_empty() {
                return bodies;
            }
            bodies.extend(received.into_iter().filter_map(|message| message.body));
        }
    }

    /// The groups of the messages that were sent in batches, in their order.
    pub async fn groups(&self) -> Vec<String> {
        let requests = self.server.received_requests().await.unwrap();
        let bodies = requests
            .iter()
            .map(|request| request.body_json::<Value>().unwrap());
        bodies
            .flat_map(|body| body["Entries"].as_array().cloned().unwrap_or_default())
            .map(|entry| entry["MessageGroupId"].as_str().unwrap().to_owned())
            .collect()
    }
}

fn call(request: &Request) -> String {
    let action = request.headers["x-amz-target"].to_str().unwrap();
    let action = action.trim_start_matches("AmazonSQS.");
    let body: Value = request.body_json().unwrap();
    let queue = body["QueueUrl"].as_str().unwrap().rsplit('/').next().unwrap();
    let details = match action {
        "SendMessageBatch" => body["Entries"].as_array().unwrap().len().to_string(),
        "ChangeMessageVisibility" => format!("{} {}", body["ReceiptHandle"], body["VisibilityTimeout"]),
        _ => body["MessageBody"].to_string(),
    };
    format!("{action} {queue} {details}")
}
