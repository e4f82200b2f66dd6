//! `linernotes producers erase-contact` and `restore-contact`: erase contact details, and bring them back.

use serde_json::json;
use shared::curation::{self, ContactDeletion, Decision, NamedProducer};
use shared::domain::ids::ProducerId;
use shared::platform::db::Pool;
use shared::store::producers::contact_suppressions::ContactDetail;

use super::decisions::{user, with_next_step};
use super::operator_queues::is_confirmed;
use crate::output::{self, TextTable, count, single_line};

/// How contact details are erased.
#[derive(Clone, Copy)]
pub(super) struct ErasureOptions {
    pub(super) deletion: ContactDeletion,
    /// Only lists the details.
    pub(super) dry_run: bool,
    /// Does not ask.
    pub(super) yes: bool,
    pub(super) json: bool,
}

/// Erases a producer's contact details.
pub(super) async fn erase(
    pool: &Pool,
    id: ProducerId,
    reason: &str,
    options: ErasureOptions,
) -> anyhow::Result<()> {
    let deletion = options.deletion;
    let (producer, details) = curation::list_contact(pool, id, deletion)
        .await
        .map_err(with_next_step)?;
    if options.dry_run {
        return list(&producer, &details, options);
    }
    let decision = Decision {
        by: &user(),
        reason: curation::checked_reason(reason)?,
    };
    let of_whom = details_of(&producer, details.len());
    let what = match deletion {
        ContactDeletion::InADay => format!("This hides {of_whom} and deletes them permanently in 24 hours"),
        ContactDeletion::Now => format!("This deletes {of_whom} permanently"),
    };
    if !is_confirmed(&what, options.yes)? {
        return Ok(output::print("Nothing was erased.")?);
    }
    let (producer, erased) = curation::erase_contact(pool, id, decision, deletion)
        .await
        .map_err(with_next_step)?;
    if options.json {
        let is_final = deletion == ContactDeletion::Now;
        return output::print_json(&json!({ "producer": producer, "erased": erased, "is_final": is_final }));
    }
    let of_whom = details_of(&producer, erased);
    Ok(output::print(match deletion {
        ContactDeletion::InADay => format!(
            "Hid {of_whom}. They are deleted permanently in 24 hours.\n\
             Undo until then with: linernotes producers restore-contact {} --reason TEXT",
            producer.id
        ),
        ContactDeletion::Now => {
            format!("Deleted {of_whom} permanently.\nNo source, merge or load will restore any.")
        }
    })?)
}

/// Brings back contact details that were erased in the last day.
pub(super) async fn restore(
    pool: &Pool,
    id: ProducerId,
    reason: &str,
    yes: bool,
    json: bool,
) -> anyhow::Result<()> {
    let decision = Decision {
        by: &user(),
        reason: curation::checked_reason(reason)?,
    };
    let what = format!("This brings back the erased contact details of producer {id}");
    if !is_confirmed(&what, yes)? {
        return Ok(output::print("Nothing was brought back.")?);
    }
    let (producer, known) = curation::restore_contact(pool, id, decision)
        .await
        .map_err(with_next_step)?;
    if json {
        return output::print_json(&json!({ "producer": producer, "known": known }));
    }
    Ok(output::print(format!(
        "Brought back {}. The sources are asked again.",
        details_of(&producer, known)
    ))?)
}

fn list(producer: &NamedProducer, details: &[ContactDetail], options: ErasureOptions) -> anyhow::Result<()> {
    if options.json {
        return output::print_json(&json!({ "producer": producer, "details": details }));
    }
    if !details.is_empty() {
        let mut table = TextTable::new(&["Kind", "Value"]);
        for detail in details {
            table.row([single_line(&detail.kind), single_line(&detail.value)]);
        }
        output::print(format!("{table}\n"))?;
    }
    let of_whom = details_of(producer, details.len());
    Ok(output::print(match options.deletion {
        ContactDeletion::InADay => format!("Would hide {of_whom}, and delete them 24 hours later."),
        ContactDeletion::Now => format!("Would delete {of_whom} permanently."),
    })?)
}

fn details_of(producer: &NamedProducer, details: usize) -> String {
    format!(
        "{} of {} (producer {})",
        count(details as i64, "contact detail"),
        single_line(&producer.name),
        producer.id
    )
}
