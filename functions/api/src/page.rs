//! Lists a page at a time: `?limit=` and `?cursor=` in, `{"items":[…],"next":cursor|null}` out. What a cursor's place
//! means is the list's own affair; to callers it is opaque.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use shared::store::producer_tracks::{CountPlace, TrackPlace};

use crate::error::ApiError;

const DEFAULT_LIMIT: i64 = 20;
const LARGEST_LIMIT: i64 = 100;

/// One page of a list.
#[derive(Debug, Serialize)]
pub(crate) struct List<T> {
    /// The page's items.
    items: Vec<T>,
    /// The cursor of the next page; null on the last.
    next: Option<String>,
}

impl<T> List<T> {
    /// A list that is not continued.
    pub(crate) fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }

    /// A page out of one item more than it holds, where there is one more.
    pub(crate) fn page(mut items: Vec<T>, limit: i64, cursor: impl Fn(&T) -> String) -> Self {
        let limit = usize::try_from(limit).unwrap_or_default();
        let is_last = items.len() <= limit;
        items.truncate(limit);
        let next = items.last().filter(|_| !is_last).map(cursor);
        Self { items, next }
    }
}

/// Which page is asked for.
#[derive(Debug, Deserialize)]
pub(crate) struct Page {
    limit: Option<i64>,
    cursor: Option<String>,
}

impl Page {
    /// How many items the page has at most: 20 unless told, up to 100.
    pub(crate) fn limit(&self) -> Result<i64, ApiError> {
        limit(self.limit)
    }

    /// The place that the page begins behind.
    pub(crate) fn after<P: Place>(&self) -> Result<Option<P>, ApiError> {
        let Some(cursor) = &self.cursor else {
            return Ok(None);
        };
        P::from_cursor(cursor).map(Some).ok_or_else(|| {
            ApiError::in_parameter(
                "cursor",
                "this is no cursor of this list: take the value of `next` from its last page",
            )
        })
    }
}

/// How many items are asked for: 20 unless told, up to 100.
pub(crate) fn limit(asked: Option<i64>) -> Result<i64, ApiError> {
    let limit = asked.unwrap_or(DEFAULT_LIMIT);
    if (1..=LARGEST_LIMIT).contains(&limit) {
        Ok(limit)
    } else {
        Err(ApiError::in_parameter(
            "limit",
            format!("limit is a number from 1 to {LARGEST_LIMIT}"),
        ))
    }
}

/// A place in a list, as it is written in a cursor.
pub(crate) trait Place: Sized {
    /// Written.
    fn cursor(&self) -> String;
    /// Read; nothing where it is no such place.
    fn from_cursor(cursor: &str) -> Option<Self>;
}

impl Place for TrackPlace {
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
        // Ten bytes are a year of four digits: the database knows no year 200,000.
        (date.len() == 10).then_some(())?;
        Some(Self {
            date: NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()?,
            album: album.parse().ok()?,
            position: position.parse().ok()?,
            song: song.parse().ok()?,
        })
    }
}

impl Place for CountPlace {
    fn cursor(&self) -> String {
        format!("{}.{}", self.count, self.id)
    }

    fn from_cursor(cursor: &str) -> Option<Self> {
        let (count, id) = cursor.split_once('.')?;
        Some(Self {
            count: count.parse().ok()?,
            // The smallest number has no negative, and no row has a negative id.
            id: id.parse().ok().filter(|id| *id > 0)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_a_cursor_only_where_there_is_more() {
        let page = |count: i64| List::page((0..count).collect(), 3, i64::to_string);
        assert_eq!((page(2).items.len(), page(2).next), (2, None));
        assert_eq!((page(3).items.len(), page(3).next), (3, None));
        assert_eq!((page(4).items.len(), page(4).next), (3, Some("2".to_owned())));
    }

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
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
    fn a_limit_is_from_1_to_100() {
        assert_eq!(limit(None).unwrap(), 20);
        assert_eq!(limit(Some(100)).unwrap(), 100);
        assert!(limit(Some(0)).is_err() && limit(Some(101)).is_err());
    }
}
