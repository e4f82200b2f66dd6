//! The kinds of versions that a title can state, and their order of precedence.

use crate::domain::text_enums::text_enum;

text_enum! {
    /// What kind of version of its song a track is.
    VersionKind {
        /// A new mix of the song's parts, by the person whom the title names.
        Remix = "remix",
        /// Performed before an audience.
        Live = "live",
        /// Performed without amplification, or stripped down.
        Acoustic = "acoustic",
        /// The same recording, mastered again.
        Remaster = "remaster",
        /// Cut for radio or a single.
        RadioEdit = "radio_edit",
        /// Longer than the usual version.
        Extended = "extended",
        /// Without vocals.
        Instrumental = "instrumental",
        /// To sing to.
        Karaoke = "karaoke",
        /// Recorded as a draft, before the released recording.
        Demo = "demo",
        /// Vocals only.
        Acapella = "acapella",
        /// Mixed for one channel.
        Mono = "mono",
        /// Mixed for two channels.
        Stereo = "stereo",
        /// From a broadcast, a rehearsal or a session other than the record's.
        Session = "session",
        /// Recorded again by the same artist.
        Rerecording = "rerecording",
        /// Performed by another artist.
        Cover = "cover",
        /// Sung in another language.
        Language = "language",
        /// With the explicit words that a clean version leaves out.
        Explicit = "explicit",
        /// Without explicit words.
        Clean = "clean",
        /// Added to a later edition.
        Bonus = "bonus",
        /// Any other version; the label states which.
        Other = "other",
    }
}

impl VersionKind {
    /// How much this kind changes the recording: 0 is the largest change.
    pub(super) fn rank(self) -> u8 {
        match self {
            VersionKind::Remix => 0,
            VersionKind::Live => 1,
            VersionKind::Karaoke => 2,
            VersionKind::Acapella => 3,
            VersionKind::Instrumental => 4,
            VersionKind::Acoustic => 5,
            VersionKind::Session => 6,
            VersionKind::Demo => 7,
            VersionKind::Cover => 8,
            VersionKind::Rerecording => 9,
            VersionKind::Language => 10,
            VersionKind::Extended => 11,
            VersionKind::RadioEdit => 12,
            VersionKind::Remaster => 13,
            VersionKind::Mono => 14,
            VersionKind::Stereo => 15,
            VersionKind::Explicit => 16,
            VersionKind::Clean => 17,
            VersionKind::Bonus => 18,
            VersionKind::Other => 19,
        }
    }
}
