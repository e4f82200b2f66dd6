//! Sources, roles, and credits as sources state them. [`crate::domain::roles`] maps wordings to roles, and
//! [`crate::domain::confidence`] combines credits into track producers.

use crate::domain::text_enums::text_enum;

text_enum! {
    /// Where a fact comes from.
    Source {
        /// Spotify's Web API.
        Spotify = "spotify",
        /// MusicBrainz, online or from its dumps.
        MusicBrainz = "musicbrainz",
        /// Discogs, online or from its dumps.
        Discogs = "discogs",
        /// Genius.
        Genius = "genius",
        /// Instagram's Graph API.
        Instagram = "instagram",
        /// Wikidata.
        Wikidata = "wikidata",
        /// A person who operates Linernotes.
        Manual = "manual",
    }
}

impl Source {
    /// The name for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Source::Spotify => "Spotify",
            Source::MusicBrainz => "MusicBrainz",
            Source::Discogs => "Discogs",
            Source::Genius => "Genius",
            Source::Instagram => "Instagram",
            Source::Wikidata => "Wikidata",
            Source::Manual => "a manual entry",
        }
    }

    /// The web page of a record of this source, where people can check it. `kind` is the source's name for
    /// the kind of record. `None` if the source has no such page.
    #[must_use]
    pub fn record_url(self, kind: &str, id: &str) -> Option<String> {
        match (self, kind) {
            (Source::MusicBrainz, "recording" | "release" | "artist") => {
                Some(format!("https://musicbrainz.org/{kind}/{id}"))
            }
            (Source::Discogs, "release" | "master" | "artist") => {
                Some(format!("https://www.discogs.com/{kind}/{id}"))
            }
            (Source::Genius, "song") => Some(format!("https://genius.com/songs/{id}")),
            (Source::Spotify, "track" | "album" | "artist") => {
                Some(format!("https://open.spotify.com/{kind}/{id}"))
            }
            (Source::Wikidata, "item") => Some(format!("https://www.wikidata.org/wiki/{id}")),
            _ => None,
        }
    }
}

text_enum! {
    /// What a person did on a recording. The first seven roles are music production, the strongest first.
    Role {
        /// Produced it.
        Producer = "producer",
        /// Produced it together with another producer.
        CoProducer = "co_producer",
        /// Added production to that of the main producer.
        AdditionalProducer = "additional_producer",
        /// Assisted in producing it.
        AssistantProducer = "assistant_producer",
        /// Was an associate producer.
        AssociateProducer = "associate_producer",
        /// Produced the vocals.
        VocalProducer = "vocal_producer",
        /// Supervised the recording, which is music production on early records: see
        /// [`crate::domain::dates::ReleaseDate::is_early`].
        Supervisor = "supervisor",
        /// Was responsible for the project; not necessarily involved in the sound.
        ExecutiveProducer = "executive_producer",
        /// Made a remix.
        Remixer = "remixer",
        /// Mixed it.
        Mixer = "mixer",
        /// Engineered, recorded or mastered it.
        Engineer = "engineer",
        /// Arranged it.
        Arranger = "arranger",
        /// Programmed it.
        Programmer = "programmer",
        /// Wrote it.
        Writer = "writer",
        /// Played or sang on it.
        Performer = "performer",
        /// Anything else; the credit's wording tells what.
        Other = "other",
    }
}

impl Role {
    /// Whether the role is music production, as in the database function `is_music_production`. A supervisor
    /// has to be one of an early record as well.
    #[must_use]
    pub fn is_music_production(self) -> bool {
        self <= Role::Supervisor
    }
}

text_enum! {
    /// How an album or track of the catalog was matched to a record of a source.
    MatchMethod {
        /// The record is our own row.
        Own = "own",
        /// A source links the two.
        Link = "link",
        /// By the release's barcode.
        Barcode = "barcode",
        /// By the recording's ISRC.
        Isrc = "isrc",
        /// By a search whose result was checked.
        Search = "search",
        /// By a person.
        Manual = "manual",
    }
}

/// A credit as its source states it, not yet matched to rows of the catalog.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Credit {
    /// Who is credited: the id in the source, where it gives one.
    pub source_artist_id: Option<String>,
    /// The name that the source files the artist under.
    pub name: String,
    /// The name as printed; equal to `name` if the source states no other.
    pub credited_as: String,
    /// The source's wording for the role.
    pub raw_role: String,
    /// The role that the wording means.
    pub role: Role,
}

impl Credit {
    /// The name in the source's artist record, if it differs from the printed one.
    #[must_use]
    pub fn stated_name(&self) -> Option<&str> {
        (self.name != self.credited_as).then_some(self.name.as_str())
    }
}

/// A credit in its source's wording, before roles and tracks are read from it. One wording may name several
/// roles.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StatedCredit {
    /// Who is credited: the id in the source, where it gives one.
    pub source_artist_id: Option<String>,
    /// The display name of the source's artist record.
    pub name: String,
    /// The name as printed; equal to `name` if the source states no other.
    pub credited_as: String,
    /// The source's wording for what the artist did.
    pub raw_role: String,
    /// The source's wording for the tracks of the release that the credit covers; `None` means all tracks.
    pub raw_range: Option<String>,
}
