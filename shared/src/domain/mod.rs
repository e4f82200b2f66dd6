//! The terms of the project and their rules, without I/O, clock or environment.

pub mod albums;
pub mod buckets;
pub mod confidence;
pub mod contacts;
pub mod credits;
pub mod dates;
pub mod emails;
pub mod ids;
pub mod links;
pub mod messages;
pub mod names;
pub mod params;
pub mod roles;
pub mod search_text;
pub mod text_enums;
pub mod titles;
pub mod track_ranges;
