//! Pagination of lists: `?limit=` and `?cursor=` in the request, `{"items":[…],"next":cursor|null}` in the
//! response. Cursors are opaque to callers.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use shared::store::producers::producer_artists::CountPlace;
use shared::store::producers::producer_tracks::TrackPlace;

use crate::error::ApiError;

const DEFAULT_LIMIT: i64 = 20;
const LARGEST_LIMIT: i64 = 100;

/// One page of a list.
#[derive(Debug, Serialize)]
pub(crate) struct CursorPage<T> {
    /// The items on this page.
    items: Vec<T>,
    /// The cursor of the next page; null on the last page.
    next: Option<String>,
}

impl<T> CursorPage<T> {
    /// A list that has only this page.
    pub(crate) fn single(items: Vec<T>) -> Self {
        Self { items, next: None }
    }

    /// The page of the first `limit` items. `items` has one item more than that if there is a next page.
    pub(crate) fn from_items(mut items: Vec<T>, limit: i64, cursor: impl Fn(&T) -> String) -> Self {
        let limit = usize::try_from(limit).unwrap_or_default();
        let is_last = items.len() <= limit;
        items.truncate(limit);
        let next = items.last().filter(|_| !is_last).map(cursor);
        Self { items, next }
    }
}

/// The query parameters that select a page.
#[derive(Debug, Deserialize)]
pub(crate) struct PageRequest {
    limit: Option<String>,
    cursor: Option<String>,
}

impl PageRequest {
    /// The largest number of items on the page: 20 by default, at most 100.
    pub(crate) fn limit(&self) -> Result<i64, ApiError> {
        checked_limit(self.limit.as_deref())
    }

    /// The last place of the previous page.
    pub(crate) fn after<P: Cursor>(&self) -> Result<Option<P>, ApiError> {
        let Some(cursor) = &self.cursor else {
            return Ok(None);
        };
        P::from_cursor(cursor).map(Some).ok_or_else(|| {
            ApiError::in_parameter(
                "cursor",
                "the cursor is not valid for this list: use the value of `next` from the previous page",
            )
        })
    }
}

/// The requested number of items: 20 by default, at most 100.
pub(crate) fn checked_limit(requested: Option<&str>) -> Result<i64, ApiError> {
    let Some(requested) = requested else {
        return Ok(DEFAULT_LIMIT);
    };
    let limit = requested.parse().ok();
    limit
        .filter(|limit| (1..=LARGEST_LIMIT).contains(limit))
        .ok_or_else(|| {
            ApiError::in_parameter(
                "limit",
                format!("limit must be a number from 1 to {LARGEST_LIMIT}"),
            )
        })
}

/// A place in a list that can be written as a cursor.
pub(crate) trait Cursor: Sized {
    /// The place as a cursor.
    fn cursor(&self) -> String;
    /// The place that a cursor stands for; `None` if the text is no cursor of this kind.
    fn from_cursor(cursor: &str) -> Option<Self>;
}

impl Cursor for TrackPlace {
    fn cursor(&self) -> String {
        let Self {
            date,
            album,
            position,
            song,
        } = self;
        format!("{date}.{album}.{position}.{song}")
    }

    fn from_cursor(cursor: &str) -> Option<Self> {
        let parts: Vec<&str> = cursor.split('.').collect();
        let [date, album, position, song] = parts[..] else {
            return None;
        };
        // Ten bytes are a date with a year of four digits. The database has no year 200,000.
        (date.len() == 10).then_some(())?;
        Some(Self {
            date: NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()?,
            album: album.parse().ok()?,
            position: position.parse().ok()?,
            song: song.parse().ok()?,
        })
    }
}

impl Cursor for CountPlace {
    fn cursor(&self) -> String {
        format!("{}.{}", self.count, self.id)
    }

    fn from_cursor(cursor: &str) -> Option<Self> {
        let (count, id) = cursor.split_once('.')?;
        Some(Self {
            count: count.parse().ok()?,
            // No row has a negative id, and the smallest number has no positive counterpart.
            id: id.parse().ok().filter(|id| *id > 0)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_a_cursor_only_if_another_page_follows() {
        let page = |count: i64| CursorPage::from_items((0..count).collect(), 3, i64::to_string);
        assert_eq!((page(2).items.len(), page(2).next), (2, None));
        assert_eq!((page(3).items.len(), page(3).next), (3, None));
        assert_eq!((page(4).items.len(), page(4).next), (3, Some("2".to_owned())));
    }

    #[test]
    fn only_a_complete_cursor_is_accepted_and_it_reads_back_unchanged() {
        for cursor in ["2001-05-21.3.-4294967297.7", "0001-01-01.3.-1.-7"] {
            assert_eq!(TrackPlace::from_cursor(cursor).unwrap().cursor(), cursor);
        }
        assert_eq!(CountPlace::from_cursor("12.7").unwrap().cursor(), "12.7");
        for cursor in [
            "",
            "7",
            "2001-05-21",
            "2001-05-21.7",
            "200001-05-21.3.-1.7",
            "2001-05-21.3.-1.x",
            "2001-05-21.3.-1.7.7",
            "x.3.-1.7",
        ] {
            assert!(TrackPlace::from_cursor(cursor).is_none(), "{cursor}");
        }
        for cursor in ["", "7", "1.", "1.-9223372036854775808", "1.99999999999999999999"] {
            assert!(CountPlace::from_cursor(cursor).is_none(), "{cursor}");
        }
    }

    #[test]
    fn a_limit_must_be_from_1_to_100() {
        assert_eq!(checked_limit(None).unwrap(), 20);
        assert_eq!(checked_limit(Some("100")).unwrap(), 100);
        for wrong in ["0", "101", "-1", "1000000000000000000000", "2.5", "ten", ""] {
            assert!(checked_limit(Some(wrong)).is_err(), "{wrong}");
        }
    }
}
