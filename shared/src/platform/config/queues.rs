//! Reads the URLs of the SQS queues and their dead-letter queues.

use std::collections::BTreeMap;

use super::values::{InvalidSetting, Values, invalid, url};
use super::variables::{
    CATALOG_DEAD_LETTER_QUEUE_URL, CATALOG_QUEUE_URL, ENRICHMENT_DEAD_LETTER_QUEUE_URL, ENRICHMENT_QUEUE_URL,
    IDENTIFICATION_DEAD_LETTER_QUEUE_URL, IDENTIFICATION_QUEUE_URL,
};
use crate::domain::messages::QueueName;

/// The URLs of a queue on SQS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqsUrls {
    /// The queue.
    pub url: String,
    /// Its dead-letter queue.
    pub dead_letter_url: String,
}

/// The URLs that are set; none if the queues are in Postgres.
pub(super) fn read(values: &Values<'_>) -> Result<BTreeMap<QueueName, SqsUrls>, InvalidSetting> {
    let pairs = [
        (
            QueueName::Catalog,
            CATALOG_QUEUE_URL,
            CATALOG_DEAD_LETTER_QUEUE_URL,
        ),
        (
            QueueName::Identification,
            IDENTIFICATION_QUEUE_URL,
            IDENTIFICATION_DEAD_LETTER_QUEUE_URL,
        ),
        (
            QueueName::Enrichment,
            ENRICHMENT_QUEUE_URL,
            ENRICHMENT_DEAD_LETTER_QUEUE_URL,
        ),
    ];
    let mut urls = BTreeMap::new();
    for (queue, queue_variable, dead_letter_variable) in pairs {
        match (values.find(queue_variable), values.find(dead_letter_variable)) {
            (Some(queue_url), Some(dead_letter_url)) => {
                urls.insert(
                    queue,
                    SqsUrls {
                        url: url(queue_variable, &queue_url)?,
                        dead_letter_url: url(dead_letter_variable, &dead_letter_url)?,
                    },
                );
            }
            (None, None) => {}
            _ => {
                return Err(invalid(
                    dead_letter_variable,
                    format!(
                        "and {} must be set together: set both or none",
                        queue_variable.name
                    ),
                ));
            }
        }
    }
    Ok(urls)
}
