//! Every environment variable, with its purpose and the consequence of leaving it unset.

use crate::platform::secrets::Reference;

/// A variable that the program reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// Its purpose.
    pub about: &'static str,
    /// The value if it is not set; empty if there is none.
    pub default: &'static str,
    /// Whether its value must not be shown.
    pub secret: bool,
    /// The consequence of leaving it unset; empty if there is none.
    pub without: &'static str,
}

impl Variable {
    const UNSET: Self = Self {
        name: "",
        about: "",
        default: "",
        secret: false,
        without: "",
    };

    /// Its value in the environment; an empty value counts as not set.
    #[must_use]
    pub fn value(&self) -> Option<String> {
        environment(self.name)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    /// The place in AWS where its value is stored, if the environment refers to one.
    pub(super) fn reference(&self) -> Option<Reference> {
        Reference::parse(&self.value()?)
    }
}

/// Whether a value refers to a place in AWS. Such a reference is not secret.
#[must_use]
pub fn is_reference(value: &str) -> bool {
    Reference::parse(value).is_some()
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads settings")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

macro_rules! variables {
    ($($constant:ident { about: $about:literal $(, $field:ident: $value:expr)* $(,)? })+) => {
        $(#[doc = $about]
        pub const $constant: Variable = Variable {
            name: stringify!($constant),
            about: $about,
            $($field: $value,)*
            ..Variable::UNSET
        };)+
        /// Every variable, in the order in which `linernotes config` prints them.
        pub const VARIABLES: &[Variable] = &[$($constant),+];
    };
}

variables! {
    DATABASE_URL {
        about: "the URL of Postgres",
        secret: true,
        without: "a private Postgres is started on this machine",
    }
    API_DATABASE_URL {
        about: "the URL of the same Postgres with a role for the API that cannot change the schema",
        secret: true,
        without: "the API uses the role of DATABASE_URL",
    }
    DATABASE_STATEMENTS {
        about: "how statements are sent: prepared, or unnamed behind a transaction pooler",
        default: "prepared",
    }
    SPOTIFY_CLIENT_ID {
        about: "the client id of a Spotify app",
        without: "nothing can be imported from Spotify",
    }
    SPOTIFY_CLIENT_SECRET {
        about: "the client secret of that app",
        secret: true,
        without: "nothing can be imported from Spotify",
    }
    SPOTIFY_MARKET { about: "the country whose Spotify catalog is used", default: "US" }
    SPOTIFY_URL { about: "Spotify's Web API", default: "https://api.spotify.com/v1" }
    SPOTIFY_TOKEN_URL {
        about: "Spotify's token endpoint",
        default: "https://accounts.spotify.com/api/token",
    }
    SPOTIFY_PER_SECOND { about: "maximum requests per second to Spotify", default: "5" }
    MUSICBRAINZ_URL {
        about: "the MusicBrainz API or a mirror of it",
        default: "https://musicbrainz.org/ws/2",
    }
    MUSICBRAINZ_PER_SECOND {
        about: "maximum requests per second to MusicBrainz; its own servers allow 1",
        default: "1",
    }
    DISCOGS_TOKEN {
        about: "a Discogs personal access token",
        secret: true,
        without: "Discogs is not queried for credits and links",
    }
    DISCOGS_URL { about: "the Discogs API", default: "https://api.discogs.com" }
    DISCOGS_PER_SECOND {
        about: "maximum requests per second to Discogs, which allows 60 per minute",
        default: "0.95",
    }
    GENIUS_TOKEN {
        about: "a Genius client access token",
        secret: true,
        without: "Genius is not queried for credits and handles",
    }
    GENIUS_URL { about: "the Genius API", default: "https://api.genius.com" }
    GENIUS_PER_SECOND { about: "maximum requests per second to Genius", default: "5" }
    CREDIT_SOURCES {
        about: "all, or first to query no further source for a track once one names a producer",
        default: "all",
    }
    INSTAGRAM_TOKEN {
        about: "a long-lived token of a Meta app with Business Discovery; renew it every 60 days",
        secret: true,
        without: "Instagram is not queried for bios and pictures",
    }
    INSTAGRAM_USER_ID {
        about: "the id of the professional account that the token belongs to",
        without: "Instagram is not queried for bios and pictures",
    }
    INSTAGRAM_URL { about: "Meta's Graph API", default: "https://graph.facebook.com/v25.0" }
    INSTAGRAM_PER_HOUR { about: "maximum requests per hour to Instagram, which allows 200", default: "180" }
    CONTACT {
        about: "a URL or e-mail address at which sources can reach you",
        without: "MusicBrainz is not queried, because it requires a contact",
    }
    CATALOG_QUEUE_URL { about: "the catalog queue on SQS", without: "the queues are in Postgres" }
    CATALOG_DEAD_LETTER_QUEUE_URL { about: "the dead-letter queue of the catalog queue" }
    IDENTIFICATION_QUEUE_URL {
        about: "the identification queue on SQS",
        without: "the queues are in Postgres",
    }
    IDENTIFICATION_DEAD_LETTER_QUEUE_URL { about: "the dead-letter queue of the identification queue" }
    ENRICHMENT_QUEUE_URL { about: "the enrichment queue on SQS", without: "the queues are in Postgres" }
    ENRICHMENT_DEAD_LETTER_QUEUE_URL { about: "the dead-letter queue of the enrichment queue" }
    AWS_ENDPOINT_URL { about: "another address for SQS and secrets than that of AWS" }
    READ_ACCESS {
        about: "who may read over HTTP: public, or keys for API keys with the scope read only",
        default: "public",
    }
    LOG { about: "which messages are logged, such as info or identify=debug", default: "info" }
    LOG_FORMAT { about: "text, or json for one JSON object per line", default: "text" }
    NO_COLOR { about: "set to any value for logs without colour" }
}
