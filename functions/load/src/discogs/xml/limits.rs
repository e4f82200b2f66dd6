//! Limits for a single record, so that a hostile dump cannot take all memory. They are judgements: no whole
//! dump has been read.

use memchr::memchr_iter;
use shared::platform::http::Error;
use shared::upstreams::discogs::wire;

/// How deep elements that are read may be nested.
pub(super) const MAX_DEPTH: usize = 32;
/// Bytes of a text or an attribute.
pub(super) const MAX_TEXT_BYTES: usize = 64 << 10;
/// Tracks, credits, genres and so on of a release.
pub(super) const MAX_ITEMS: usize = 200_000;
/// Names and links of an artist, which are compared with each other.
pub(super) const MAX_NAMES: usize = 20_000;
/// Artists and credits of a release: one for each role, and for each part of a work.
const MAX_CREDITS: usize = 100_000;
/// Tracks of a release times the credits that may cover all of them.
const MAX_CREDITED_TRACKS: usize = 2_000_000;

/// Fails for a text that is too long.
pub(super) fn check_text(bytes: usize) -> Result<(), Error> {
    if bytes > MAX_TEXT_BYTES {
        let kilobytes = MAX_TEXT_BYTES >> 10;
        return Err(Error::Decode(format!("a text is longer than {kilobytes} kB")));
    }
    Ok(())
}

/// Fails for a release whose credits would become too many rows.
pub(super) fn check_credits(release: &wire::Release) -> Result<(), Error> {
    let on_tracks: usize = release.tracklist.iter().map(track_credits).sum();
    let of_release = credits(&release.artists, &release.extraartists);
    if of_release + on_tracks > MAX_CREDITS {
        return Err(Error::Decode(format!("it has more than {MAX_CREDITS} credits")));
    }
    let entries = release.tracklist.iter().map(|track| 1 + track.sub_tracks.len());
    if of_release * entries.sum::<usize>() > MAX_CREDITED_TRACKS {
        let problem = format!("its credits cover tracks more than {MAX_CREDITED_TRACKS} times");
        return Err(Error::Decode(problem));
    }
    Ok(())
}

fn track_credits(track: &wire::Track) -> usize {
    let parts: usize = track.sub_tracks.iter().map(track_credits).sum();
    credits(&track.artists, &track.extraartists) * track.sub_tracks.len().max(1) + parts
}

/// The number of artists, and of roles of the credits or more.
fn credits(artists: &[wire::CreditedArtist], credits: &[wire::CreditedArtist]) -> usize {
    let commas = |credit: &wire::CreditedArtist| memchr_iter(b',', credit.role.as_bytes()).count();
    artists.len() + credits.iter().map(|credit| 1 + commas(credit)).sum::<usize>()
}
