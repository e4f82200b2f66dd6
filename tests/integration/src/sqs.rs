//! A stand-in for SQS at a free port of the loopback address: it records the requests of a function, and
//! refuses them or never answers if a test wants that. It stores no messages, because a function receives
//! none by itself.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use shared::domain::messages::QueueName;
use shared::platform::config::SqsUrls;
use shared::work::queue::Queues;
use tokio::net::TcpListener;

/// How the stand-in answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SqsBehavior {
    /// As SQS does.
    Normal,
    /// The credentials are wrong.
    Refuses,
    /// It never answers.
    Hangs,
}

/// The stand-in, and the queues on it.
pub struct Sqs {
    /// The queues for a function.
    pub queues: Queues,
    calls: Arc<Mutex<Vec<String>>>,
}

#[derive(Clone)]
struct Stub {
    behavior: SqsBehavior,
    calls: Arc<Mutex<Vec<String>>>,
}

impl Sqs {
    /// Starts one.
    pub async fn start(behavior: SqsBehavior) -> Self {
        let calls = Arc::<Mutex<Vec<String>>>::default();
        let state = Stub {
            behavior,
            calls: calls.clone(),
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(respond).with_state(state);
        tokio::spawn(async { axum::serve(listener, router).await });
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
            calls,
        }
    }

    /// The requests in their order, each with the action, the queue and the essential part of the rest.
    pub fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }
}

async fn respond(State(stub): State<Stub>, headers: HeaderMap, body: String) -> (StatusCode, String) {
    let action = headers["x-amz-target"].to_str().unwrap();
    let action = action.trim_start_matches("AmazonSQS.");
    let request: Value = serde_json::from_str(&body).unwrap();
    let queue = request["QueueUrl"].as_str().unwrap().rsplit('/').next().unwrap();
    let details = match action {
        "ChangeMessageVisibility" => {
            format!("{} {}", request["ReceiptHandle"], request["VisibilityTimeout"])
        }
        _ => request["MessageBody"].to_string(),
    };
    stub.calls
        .lock()
        .unwrap()
        .push(format!("{action} {queue} {details}"));
    match stub.behavior {
        SqsBehavior::Normal => (StatusCode::OK, json!({"MessageId": "m"}).to_string()),
        SqsBehavior::Refuses => {
            let refusal = json!({"__type": "com.amazon.coral.service#InvalidClientTokenId", "message": "The \
                security token included in the request is invalid."});
            (StatusCode::FORBIDDEN, refusal.to_string())
        }
        SqsBehavior::Hangs => std::future::pending().await,
    }
}
