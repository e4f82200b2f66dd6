//! Loads of real excerpts of Discogs dumps. No credit is lost: the tests count the credits in the XML without
//! the loader, except for the mapping of roles. The recordings are outside the project, in the folder that
//! LINERNOTES_RECORDED names.
#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

use std::collections::{BTreeMap, HashSet};
use std::io::Read as _;
use std::path::PathBuf;

use integration::{Database, database, settings};
use load::{LoadControl, LoadOutcome, ReleaseOptions, SkipReason, discogs, input};
use pretty_assertions::assert_eq;
use shared::domain::roles::roles_from_wording;
use shared::platform::db::Pool;

const RELEASES: &str = "discogs/dump_20200806_releases_part.xml.gz";
const ARTISTS: &str = "discogs/dump_20200806_artists_part.xml.gz";
const NEWER_RELEASES: &str = "discogs-2026/releases_part.xml.gz";
const NEWER_ARTISTS: &str = "discogs-2026/artists_part.xml.gz";
const SMALL_RELEASES: &str = "discogs/dump_small_releases.xml";

#[expect(
    clippy::disallowed_methods,
    reason = "a setting of this test, not of the product"
)]
fn path(name: &str) -> PathBuf {
    let recorded = std::env::var_os("LINERNOTES_RECORDED")
        .expect("LINERNOTES_RECORDED names the folder of recorded responses");
    PathBuf::from(recorded).join(name)
}

async fn load(database: &Database, name: &str, everything: bool) -> LoadOutcome {
    let pool = Pool::new(&settings(&database.url), 6).unwrap();
    let input = input::open(&path(name)).unwrap();
    let options = ReleaseOptions {
        everything,
        ..ReleaseOptions::default()
    };
    let loaded = discogs::load_releases(&pool, input, options, &LoadControl::default()).await;
    pool.close();
    loaded.unwrap()
}

async fn load_artists(database: &Database, name: &str) -> LoadOutcome {
    let pool = Pool::new(&settings(&database.url), 6).unwrap();
    let input = input::open(&path(name)).unwrap();
    let loaded = discogs::load_artists(&pool, input, &LoadControl::default()).await;
    pool.close();
    loaded.unwrap()
}

fn xml(name: &str) -> String {
    let mut xml = String::new();
    let mut reader = input::open(&path(name)).unwrap().reader;
    reader.read_to_string(&mut xml).unwrap();
    xml
}

/// The child elements: name, start tag and content of each.
fn children(xml: &str) -> Vec<(&str, &str, &str)> {
    let (mut found, mut rest) = (Vec::new(), xml);
    while let Some(start) = rest.find('<') {
        rest = &rest[start..];
        let end = rest.find('>').unwrap();
        let tag = &rest[1..end];
        let name = tag.split([' ', '/', '\n']).next().unwrap();
        if tag.ends_with('/') || tag.starts_with(['?', '!', '/']) {
            rest = &rest[end + 1..];
            continue;
        }
        let (open, close) = (format!("<{name}"), format!("</{name}>"));
        let (mut depth, mut at) = (1, end + 1);
        let inner_end = loop {
            let next_close = at + rest[at..].find(&close).unwrap();
            let is_same = |begin: &(usize, &str)| {
                let after = &rest[at + begin.0 + open.len()..];
                let tag_end = after.find('>').unwrap();
                after.starts_with(['>', ' ', '\n']) && !after[..tag_end].ends_with('/')
            };
            depth += rest[at..next_close].match_indices(&open).filter(is_same).count();
            depth -= 1;
            at = next_close + close.len();
            if depth == 0 {
                break next_close;
            }
        };
        found.push((name, tag, &rest[end + 1..inner_end]));
        rest = &rest[at..];
    }
    found
}

fn inner<'a>(xml: &'a str, name: &str) -> &'a str {
    let found = children(xml).into_iter().find(|child| child.0 == name);
    found.map_or("", |child| child.2)
}

fn text(xml: &str, name: &str) -> String {
    let mut text = String::new();
    let mut rest = inner(xml, name);
    while let Some((before, after)) = rest.split_once('&') {
        let (reference, behind) = after.split_once(';').unwrap();
        text.push_str(before);
        text.push(match reference {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            number => {
                let number = number.strip_prefix('#').unwrap();
                let code = match number.strip_prefix('x') {
                    Some(hex) => u32::from_str_radix(hex, 16).unwrap(),
                    None => number.parse().unwrap(),
                };
                char::from_u32(code).unwrap()
            }
        });
        rest = behind;
    }
    (text + rest).trim().to_owned()
}

/// Counts the roles of one list of credits, each credit once.
fn count(xml: &str, times: u64, roles: &mut BTreeMap<String, u64>) {
    let mut claims = HashSet::new();
    for (_, _, credit) in children(inner(xml, "extraartists")) {
        let id = text(credit, "id");
        let (name, anv) = (text(credit, "name"), text(credit, "anv"));
        if ["194", "355", "118760"].contains(&id.as_str()) || (name.is_empty() && anv.is_empty()) {
            continue;
        }
        let wording = text(credit, "role");
        for role in roles_from_wording(&wording) {
            let claim = (
                id.clone(),
                if anv.is_empty() { name.clone() } else { anv.clone() },
                role.text.to_owned(),
                text(credit, "tracks"),
            );
            if claims.insert(claim) {
                *roles.entry(role.role.to_string()).or_default() += times;
            }
        }
    }
}

/// The number of credits of each role in a dump. A credit of a work in parts counts for each part.
fn roles(name: &str) -> (u64, BTreeMap<String, u64>) {
    let xml = xml(name);
    let (mut releases, mut roles) = (0, BTreeMap::new());
    for (_, _, release) in children(inner(&xml, "releases")) {
        releases += 1;
        count(release, 1, &mut roles);
        for (_, _, track) in children(inner(release, "tracklist")) {
            let parts = children(inner(track, "sub_tracks"));
            count(track, parts.len().max(1) as u64, &mut roles);
            for (_, _, part) in parts {
                count(part, 1, &mut roles);
            }
        }
    }
    (releases, roles)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_credit_of_the_real_excerpts_is_lost() {
    for name in [RELEASES, SMALL_RELEASES] {
        let database = database().await;
        let loaded = load(&database, name, true).await;
        let (releases, expected) = roles(name);
        assert_eq!((loaded.counts.read, loaded.counts.loaded), (releases, releases));
        let counted = "SELECT role || ' ' || count(*) FROM credits GROUP BY role ORDER BY role::text";
        let expected: Vec<String> = expected
            .iter()
            .map(|(role, count)| format!("{role} {count}"))
            .collect();
        assert_eq!(database.texts(counted).await, expected, "{name}");
    }
}

/// The roles that the credits in a text state, each with the artist's id, or nothing for an artist without a
/// page.
fn stated_roles(xml: &str) -> Vec<(String, String)> {
    let mut stated = Vec::new();
    for artist in xml.split("<artist>").skip(1) {
        let artist = artist.split_once("</artist>").unwrap().0;
        let field = |name: &str| {
            let (_, after) = artist.split_once(&format!("<{name}>"))?;
            Some(after.split_once('<').unwrap().0)
        };
        let Some(roles) = field("role") else { continue };
        let mut depth = 0;
        let is_comma = |c: char| {
            depth += i32::from(c == '[') - i32::from(c == ']');
            c == ',' && depth == 0
        };
        for role in roles.split(is_comma) {
            let role = role.trim().replace("&quot;", "\"").replace("&amp;", "&");
            stated.push((role, field("id").unwrap_or_default().to_owned()));
        }
    }
    stated
}

/// Each text with how often it occurs, in order.
fn counted(texts: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for text in texts {
        *counts.entry(text).or_default() += 1;
    }
    let lines = counts.iter().map(|(text, count)| format!("{text}: {count}"));
    lines.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_credits_of_a_newer_dump_are_those_in_its_text() {
    let database = database().await;
    let loaded = load(&database, NEWER_RELEASES, true).await;
    assert_eq!((loaded.counts.read, loaded.counts.loaded), (201, 201));
    let stated = stated_roles(&xml(NEWER_RELEASES));
    let pairs = stated.iter().map(|(role, id)| format!("{role} by {id}"));
    let stored = "SELECT raw_role || ' by ' || coalesce(source_artist_id, '') FROM credits";
    assert_eq!(counted(database.texts(stored).await), counted(pairs));
    let production = stated.iter().filter_map(|(role, _)| match role.as_str() {
        "Co-producer" => Some("co_producer"),
        role if role.starts_with("Executive") => Some("executive_producer"),
        role if !role.starts_with("Producer") => None,
        role if role.contains("[Add") => Some("additional_producer"),
        _ => Some("producer"),
    });
    let stored = "SELECT role::text FROM credits WHERE role::text LIKE '%producer'";
    assert_eq!(
        counted(database.texts(stored).await),
        counted(production.map(str::to_owned))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_artists_of_a_newer_dump_are_those_on_its_releases() {
    let database = database().await;
    load(&database, NEWER_RELEASES, true).await;
    let known = "SELECT source_id FROM artist_identities UNION SELECT source_id FROM producer_identities";
    let known: HashSet<String> = database.texts(known).await.into_iter().collect();
    let text = xml(NEWER_ARTISTS);
    let ids: Vec<&str> = text
        .split("<artist><id>")
        .skip(1)
        .map(|rest| rest.split_once('<').unwrap().0)
        .collect();
    let here = ids.iter().filter(|id| known.contains(**id)).count() as u64;
    let pages = load_artists(&database, NEWER_ARTISTS).await;
    let not_here = pages.counts.skipped(SkipReason::NotHere);
    assert_eq!((pages.counts.read, ids.len()), (3_154, 3_154));
    assert_eq!((pages.counts.loaded, not_here), (here, 3_154 - here));
    assert!(here > 100, "{here}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_real_excerpts_give_the_same_rows_as_online_ingestion() {
    let (at_once, in_two) = (database().await, database().await);
    let first = load(&at_once, RELEASES, true).await;
    assert_eq!(first.counts.loaded, 667);
    let with_production = load(&in_two, RELEASES, false).await;
    let skipped = with_production.counts.skipped.values();
    let skipped: u64 = skipped.map(|records| records.count).sum();
    assert_eq!(with_production.counts.loaded + skipped, 667);
    assert!(with_production.counts.loaded > 200);
    let before = at_once.fingerprint().await;
    // Each release is ingested again, one by one, as online.
    at_once
        .execute("UPDATE loaded_records SET content_hash = 0")
        .await;
    let again = load(&at_once, RELEASES, true).await;
    assert_eq!(again.counts.changed, 667);
    assert_eq!(at_once.fingerprint().await.parts, before.parts);
    let pages = load_artists(&at_once, ARTISTS).await;
    assert!(pages.counts.loaded > 10 && pages.rows > 10, "{pages:?}");
    let found = "SELECT name FROM search_producers('jesper dahlback')";
    assert_eq!(at_once.texts(found).await[0], "Jesper Dahlbäck");
}
