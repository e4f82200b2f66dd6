//! Every environment variable: what it is called, what it is for, and what is switched off without it. What a value must look
//! like stays out.

use crate::platform::secrets::Reference;

/// A variable that the program reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// What it is called.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// What is taken where it is not set; empty where nothing is.
    pub default: &'static str,
    /// Whether its value must not be shown.
    pub secret: bool,
    /// What does not work without it; empty where all does.
    pub without: &'static str,
}

impl Variable {
    /// What the environment sets it to; an empty value counts as not set.
    #[must_use]
    pub fn value(&self) -> Option<String> {
        environment(self.name)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    /// Where in AWS its value is kept, where the environment says that.
    pub(super) fn reference(&self) -> Option<Reference> {
        Reference::parse(&self.value()?)
    }
}

/// Whether a value says where in AWS the value is kept, which is no secret.
#[must_use]
pub fn is_reference(value: &str) -> bool {
    Reference::parse(value).is_some()
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads settings")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

macro_rules! variables {
    ($($constant:ident = $name:literal, $about:literal, $default:literal, $secret:literal, $without:literal;)+) => {
        $(pub(super) const $constant: Variable = Variable { name: $name, about: $about, default: $default, secret: $secret, without: $without };)+
        /// Every variable, in the order that `linernotes config` prints them.
        pub const VARIABLES: &[Variable] = &[$($constant),+];
    };
}

variables! {
    DATABASE_URL = "DATABASE_URL", "where Postgres is", "", true, "a private Postgres is started on this machine";
    DATABASE_STATEMENTS = "DATABASE_STATEMENTS", "prepared, or unnamed behind a transaction pooler", "prepared", false, "";
    SPOTIFY_CLIENT_ID = "SPOTIFY_CLIENT_ID", "the id of a Spotify app", "", false, "nothing can be brought in from Spotify";
    SPOTIFY_CLIENT_SECRET = "SPOTIFY_CLIENT_SECRET", "its secret", "", true, "nothing can be brought in from Spotify";
    SPOTIFY_MARKET = "SPOTIFY_MARKET", "the country whose catalog is asked for", "US", false, "";
    SPOTIFY_URL = "SPOTIFY_URL", "Spotify's Web API", "https://api.spotify.com/v1", false, "";
    SPOTIFY_TOKEN_URL = "SPOTIFY_TOKEN_URL", "Spotify's token endpoint", "https://accounts.spotify.com/api/token", false, "";
    SPOTIFY_PER_SECOND = "SPOTIFY_PER_SECOND", "requests per second to Spotify at most", "5", false, "";
    MUSICBRAINZ_URL = "MUSICBRAINZ_URL", "MusicBrainz or a mirror of it", "https://musicbrainz.org/ws/2", false, "";
    MUSICBRAINZ_PER_SECOND = "MUSICBRAINZ_PER_SECOND", "requests per second to it at most; 1 is its rule", "1", false, "";
    DISCOGS_TOKEN = "DISCOGS_TOKEN", "a personal access token of Discogs", "", true, "Discogs is not asked for credits and links";
    DISCOGS_URL = "DISCOGS_URL", "Discogs' API", "https://api.discogs.com", false, "";
    DISCOGS_PER_SECOND = "DISCOGS_PER_SECOND", "requests per second to Discogs at most; 60 a minute is its rule", "0.95", false, "";
    GENIUS_TOKEN = "GENIUS_TOKEN", "a client access token of Genius", "", true, "Genius is not asked for credits and handles";
    GENIUS_URL = "GENIUS_URL", "Genius' API", "https://api.genius.com", false, "";
    GENIUS_PER_SECOND = "GENIUS_PER_SECOND", "requests per second to Genius at most", "5", false, "";
    CREDIT_SOURCES = "CREDIT_SOURCES", "all, or first to ask no further source about a track that one names a producer for", "all", false, "";
    INSTAGRAM_TOKEN = "INSTAGRAM_TOKEN", "a long-lived token of a Meta app with Business Discovery, to be renewed every 60 days", "", true, "Instagram is not asked for bios and pictures";
    INSTAGRAM_USER_ID = "INSTAGRAM_USER_ID", "the id of the professional account it belongs to", "", false, "Instagram is not asked for bios and pictures";
    INSTAGRAM_URL = "INSTAGRAM_URL", "Meta's Graph API", "https://graph.facebook.com/v25.0", false, "";
    INSTAGRAM_PER_HOUR = "INSTAGRAM_PER_HOUR", "requests per hour to Instagram at most; 200 is its rule", "180", false, "";
    CONTACT = "CONTACT", "a URL or e-mail address by which sources can reach you", "", false, "MusicBrainz is not asked, as it wants to know who asks";
    MAX_RECEIVE_COUNT = "MAX_RECEIVE_COUNT", "how often a message is received: the last time, to give it up", "6", false, "";
    CATALOG_QUEUE_URL = "CATALOG_QUEUE_URL", "the catalog queue on SQS", "", false, "the queues are in Postgres";
    CATALOG_DEAD_LETTER_QUEUE_URL = "CATALOG_DEAD_LETTER_QUEUE_URL", "its dead letters", "", false, "";
    IDENTIFICATION_QUEUE_URL = "IDENTIFICATION_QUEUE_URL", "the identification queue on SQS", "", false, "the queues are in Postgres";
    IDENTIFICATION_DEAD_LETTER_QUEUE_URL = "IDENTIFICATION_DEAD_LETTER_QUEUE_URL", "its dead letters", "", false, "";
    ENRICHMENT_QUEUE_URL = "ENRICHMENT_QUEUE_URL", "the enrichment queue on SQS", "", false, "the queues are in Postgres";
    ENRICHMENT_DEAD_LETTER_QUEUE_URL = "ENRICHMENT_DEAD_LETTER_QUEUE_URL", "its dead letters", "", false, "";
    AWS_ENDPOINT_URL = "AWS_ENDPOINT_URL", "another address for SQS and secrets than AWS's", "", false, "";
    LOG = "LOG", "what is logged, such as info or identify=debug", "info", false, "";
    LOG_FORMAT = "LOG_FORMAT", "text, or json for lines of JSON", "text", false, "";
    NO_COLOR = "NO_COLOR", "set to anything for logs without colour", "", false, "";
}
