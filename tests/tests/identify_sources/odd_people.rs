//! People and wordings as odd as sources have them, from the answer into Postgres and out of the API. What each source's
//! mapping makes of them is in its room.

use pretty_assertions::assert_eq;

use super::*;
