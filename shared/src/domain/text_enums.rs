//! Enums whose members have a name in Postgres and JSON.

/// Declares an enum with one text per member. It is sent to Postgres as text, which SQL casts
/// (`$1::text::source`, `source::text`): a custom type would need a named statement to look it up, which
/// transaction poolers do not support.
macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$member_doc:meta])* $member:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        pub enum $name {
            $($(#[$member_doc])* #[serde(rename = $text)] $member,)+
        }

        impl $name {
            /// Every member.
            pub const ALL: &'static [$name] = &[$($name::$member),+];

            /// The member's name in the database and in JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $($name::$member => $text,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::text_enums::UnknownValue;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let member = Self::ALL.iter().copied().find(|member| member.as_str() == text);
                member.ok_or_else(|| $crate::domain::text_enums::UnknownValue(text.to_owned()))
            }
        }

        $crate::domain::params::sql_type!(
            $name => TEXT, TEXT_ARRAY,
            |member: &$name| member.as_str(),
            |text: &str| text.parse::<$name>()
        );
    };
}
pub(crate) use text_enum;

/// The error for a text that is not a member of the enum.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a known value")]
pub struct UnknownValue(pub(crate) String);
