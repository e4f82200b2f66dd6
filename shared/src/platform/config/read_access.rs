//! Who may read over HTTP.

use super::values::{InvalidSetting, Values, invalid};
use super::variables::READ_ACCESS;
use crate::domain::text_enums::text_enum;

text_enum! {
    /// Who may read over HTTP, except for contact details and ingestions, which always need a key.
    ReadAccess {
        /// Everybody.
        Public = "public",
        /// API keys with the scope `read`.
        Keys = "keys",
    }
}

pub(super) fn read(values: &Values<'_>) -> Result<ReadAccess, InvalidSetting> {
    let value = values.text(READ_ACCESS);
    value
        .parse()
        .map_err(|_| invalid(READ_ACCESS, format!("'{value}' is neither public nor keys")))
}
