//! Stand-ins for Spotify and MusicBrainz on loopback: real HTTP, the real shapes, limits and moods, a small catalog of real facts.
//! The demo and the tests ask them with the real clients; the clients and the pipeline stay out.

mod catalog;
mod limits;
mod musicbrainz;
mod spotify;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use catalog::{Album, Artist, Catalog, Credit, Link, LookupKey, Track};
pub use limits::FailingCall;
use limits::Meter;

/// The client id that the stand-in for Spotify accepts.
pub const SPOTIFY_CLIENT_ID: &str = "linernotes-demo";
/// The client secret that the stand-in for Spotify accepts; it opens nothing else.
pub const SPOTIFY_CLIENT_SECRET: &str = "not-a-secret";

/// Below what Spotify's development mode is thought to bear.
const SPOTIFY_CALLS_A_SECOND: usize = 10;
/// What a private mirror allows; musicbrainz.org itself allows 1.
const MUSICBRAINZ_CALLS_A_SECOND: usize = 20;

/// How the stand-ins are to behave beyond answering.
#[derive(Debug, Clone, Default)]
pub struct StandInOptions {
    /// Which calls to Spotify fail; its token calls are not counted.
    pub spotify_failing: Vec<FailingCall>,
    /// Which calls to MusicBrainz fail.
    pub musicbrainz_failing: Vec<FailingCall>,
    /// The Spotify id of an album that is not given out before [`StandIns::release_withheld`].
    pub withheld_album: Option<String>,
}

impl StandInOptions {
    /// What the demo asks for: a 429 and a 503 from Spotify, a 503 from MusicBrainz, each at a fixed call.
    #[must_use]
    pub fn demo() -> Self {
        Self {
            spotify_failing: vec![
                FailingCall {
                    call: 20,
                    status: 429,
                },
                FailingCall {
                    call: 50,
                    status: 503,
                },
            ],
            musicbrainz_failing: vec![FailingCall {
                call: 30,
                status: 503,
            }],
            withheld_album: None,
        }
    }
}

/// How often the stand-ins were asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calls {
    /// Calls that Spotify answered, not counting those for a token.
    pub spotify: u64,
    /// Calls that MusicBrainz answered.
    pub musicbrainz: u64,
    /// Calls that Spotify turned away with 429 or 503.
    pub spotify_refused: u64,
    /// Calls that MusicBrainz turned away with 503.
    pub musicbrainz_refused: u64,
    /// The calls that Spotify answered: `artist`, `artist albums`, `album`, `album tracks`, `track`, `search`, `removed`, `unknown`.
    pub spotify_by_kind: BTreeMap<&'static str, u64>,
    /// The calls that MusicBrainz answered: `release search`, `release list`, `release`, `isrc`, `recording search`, `recording`, `artist`, `unknown`.
    pub musicbrainz_by_kind: BTreeMap<&'static str, u64>,
}

/// Both stand-ins, running until this is dropped.
pub struct StandIns {
    /// Where Spotify's Web API is, `/v1` included.
    pub spotify_url: String,
    /// Where Spotify gives out tokens.
    pub spotify_token_url: String,
    /// Where MusicBrainz is, `/ws/2` included.
    pub musicbrainz_url: String,
    catalog: Arc<Catalog>,
    spotify: Arc<Meter>,
    musicbrainz: Arc<Meter>,
    withheld: watch::Sender<bool>,
    servers: [JoinHandle<()>; 2],
}

/// Starts the stand-ins as the demo wants them, on free ports of the loopback address.
///
/// # Errors
/// When no port is free.
pub async fn start() -> anyhow::Result<StandIns> {
    StandIns::start(Catalog::real()?, StandInOptions::demo()).await
}

impl StandIns {
    /// Starts stand-ins with a catalog and moods of the caller's.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start(catalog: Catalog, options: StandInOptions) -> anyhow::Result<Self> {
        let catalog = Arc::new(catalog);
        let spotify = Arc::new(Meter::new(
            "Spotify",
            SPOTIFY_CALLS_A_SECOND,
            options.spotify_failing,
        ));
        let musicbrainz = Arc::new(Meter::new(
            "MusicBrainz",
            MUSICBRAINZ_CALLS_A_SECOND,
            options.musicbrainz_failing,
        ));
        let (withheld, open) = watch::channel(options.withheld_album.is_none());
        let (spotify_listener, spotify_url) = listen().await?;
        let (musicbrainz_listener, musicbrainz_url) = listen().await?;
        let spotify_router = spotify::router(spotify::Spotify {
            catalog: Arc::clone(&catalog),
            meter: Arc::clone(&spotify),
            base_url: format!("{spotify_url}/v1"),
            withheld_album: options.withheld_album,
            open,
        });
        let musicbrainz_router = musicbrainz::router(musicbrainz::MusicBrainz::new(
            Arc::clone(&catalog),
            Arc::clone(&musicbrainz),
        ));
        Ok(Self {
            spotify_token_url: format!("{spotify_url}/api/token"),
            spotify_url: format!("{spotify_url}/v1"),
            musicbrainz_url: format!("{musicbrainz_url}/ws/2"),
            catalog,
            spotify,
            musicbrainz,
            withheld,
            servers: [
                serve(spotify_listener, spotify_router),
                serve(musicbrainz_listener, musicbrainz_router),
            ],
        })
    }

    /// The facts behind the answers.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The artists to ask for.
    #[must_use]
    pub fn artists(&self) -> &[Artist] {
        &self.catalog.artists
    }

    /// How often each was asked so far.
    #[must_use]
    pub fn calls(&self) -> Calls {
        let (spotify, musicbrainz) = (self.spotify.counted(), self.musicbrainz.counted());
        Calls {
            spotify: spotify.answered,
            musicbrainz: musicbrainz.answered,
            spotify_refused: spotify.refused,
            musicbrainz_refused: musicbrainz.refused,
            spotify_by_kind: spotify.by_kind,
            musicbrainz_by_kind: musicbrainz.by_kind,
        }
    }

    /// Every time that more calls came than the limits allow.
    #[must_use]
    pub fn breaches(&self) -> Vec<String> {
        [self.spotify.breaches(), self.musicbrainz.breaches()].concat()
    }

    /// Gives out the withheld album from now on.
    pub fn release_withheld(&self) {
        self.withheld.send_replace(true);
    }
}

impl Drop for StandIns {
    fn drop(&mut self) {
        for server in &self.servers {
            server.abort();
        }
    }
}

async fn listen() -> anyhow::Result<(TcpListener, String)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .context("listen on the loopback address")?;
    let address = listener.local_addr().context("read the listener's address")?;
    Ok((listener, format!("http://{address}")))
}

fn serve(listener: TcpListener, router: Router) -> JoinHandle<()> {
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "a stand-in upstream stopped");
        }
    })
}

/// A text for comparison: letters and digits alone, in lower case.
fn fold(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}
