//! The words that credits are made of: sources, roles, and a credit as a source states it.
//! What credits add up to is in [`crate::domain::confidence`]; what a wording means is in [`crate::domain::roles`].

pub use crate::domain::text_enums::UnknownWord;
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
        /// A person who runs this.
        Manual = "manual",
    }
}

impl Source {
    /// The page of a record of the source, where people can check it; `kind` is the source's own word for what the
    /// record is. Nothing where the source has no such page.
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
    /// What somebody did on a recording. The first six make a producer, strongest first.
    Role {
        /// Produced it.
        Producer = "producer",
        /// Produced it beside somebody else.
        CoProducer = "co_producer",
        /// Added production of their own.
        AdditionalProducer = "additional_producer",
        /// Assisted in producing it.
        AssistantProducer = "assistant_producer",
        /// Was an associate producer.
        AssociateProducer = "associate_producer",
        /// Produced the vocals.
        VocalProducer = "vocal_producer",
        /// Answered for the project; says nothing of who made the sound.
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
        /// Anything else; the wording is kept.
        Other = "other",
    }
}

impl Role {
    /// Whether the role makes a music producer: what the database's `is_music_production` says.
    #[must_use]
    pub fn is_music_production(self) -> bool {
        self <= Role::VocalProducer
    }
}

text_enum! {
    /// How something of ours was recognised in a source.
    MatchMethod {
        /// It is a row of our own.
        Own = "own",
        /// A source states the link.
        Link = "link",
        /// By the release's barcode.
        Barcode = "barcode",
        /// By the recording's ISRC.
        Isrc = "isrc",
        /// By a search whose answer was checked.
        Search = "search",
        /// A person said so.
        Manual = "manual",
    }
}

/// One credit as its source states it, not yet tied to rows of ours.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Credit {
    /// Who is credited: the id in the source, where it gives one.
    pub source_artist_id: Option<String>,
    /// The name that the source files the artist under.
    pub name: String,
    /// The name as printed; equal to `name` where the source says nothing else.
    pub credited_as: String,
    /// The source's own words for the role.
    pub raw_role: String,
    /// What those words mean.
    pub role: Role,
}

impl Credit {
    /// The name that the source files the artist under, where it is not the one printed.
    #[must_use]
    pub fn stated_name(&self) -> Option<&str> {
        (self.name != self.credited_as).then_some(self.name.as_str())
    }
}

/// A credit in its source's own words, before a role and the tracks it is about are read out of them. One wording may
/// name several roles.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StatedCredit {
    /// Who is credited: the id in the source, where it gives one.
    pub source_artist_id: Option<String>,
    /// The name that the source files the artist under, as people are shown it.
    pub name: String,
    /// The name as printed; equal to `name` where the source says nothing else.
    pub credited_as: String,
    /// The source's own words for what the artist did.
    pub raw_role: String,
    /// The source's own words for the tracks of the release it is about; None where it says nothing, which is all of them.
    pub raw_range: Option<String>,
}
