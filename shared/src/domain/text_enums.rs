//! Enums that Postgres and JSON know by their members' names.

/// Declares an enum with one word per member. It crosses to Postgres as text, which SQL casts (`$1::text::source`,
/// `source::text`): looking up a custom type needs a named statement, which transaction poolers do not support.
macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$member_doc:meta])* $member:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$member_doc])* #[serde(rename = $word)] $member,)+
        }

        impl $name {
            /// Every member.
            pub const ALL: &'static [$name] = &[$($name::$member),+];

            /// The member's name in the database and in JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $($name::$member => $word,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::text_enums::UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                let member = Self::ALL.iter().copied().find(|member| member.as_str() == word);
                member.ok_or_else(|| $crate::domain::text_enums::UnknownWord(word.to_owned()))
            }
        }

        $crate::domain::params::sql_type!($name => TEXT, TEXT_ARRAY, |member: &$name| member.as_str(), |word: &str| word.parse::<$name>());
    };
}
pub(crate) use text_enum;

/// A word that is not in its closed set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a known word")]
pub struct UnknownWord(pub(crate) String);
