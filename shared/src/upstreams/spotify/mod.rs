//! spotify
