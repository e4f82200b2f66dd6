//! The running stand-ins for Spotify and MusicBrainz, their options and the calls they received.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::catalog::{Artist, Catalog};
use super::limits::{CallMeter, FailingCall};
use super::musicbrainz::{self, MusicBrainzStandIn};
use super::spotify::{self, SpotifyStandIn};

/// Presumably less than Spotify's development mode allows.
const SPOTIFY_CALLS_PER_SECOND: usize = 10;
/// The limit of a private mirror; musicbrainz.org itself allows 1.
const MUSICBRAINZ_CALLS_PER_SECOND: usize = 20;

/// Errors and delays of the stand-ins.
#[derive(Debug, Clone, Default)]
pub struct StandInOptions {
    /// The calls to Spotify that fail. Calls for a token are not counted.
    pub spotify_failing: Vec<FailingCall>,
    /// The calls to MusicBrainz that fail.
    pub musicbrainz_failing: Vec<FailingCall>,
    /// Spotify id of an album whose response waits for [`StandIns::release_withheld`].
    pub withheld_album: Option<String>,
}

impl StandInOptions {
    /// The options of the demo: a 429 and a 503 from Spotify and a 503 from MusicBrainz, each at a fixed
    /// call.
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

/// Counts of the calls to the stand-ins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StandInCalls {
    /// Calls that Spotify answered, without those for a token.
    pub spotify: u64,
    /// Calls that MusicBrainz answered.
    pub musicbrainz: u64,
    /// Calls that Spotify rejected with 429 or 503.
    pub spotify_refused: u64,
    /// Calls that MusicBrainz rejected with 503.
    pub musicbrainz_refused: u64,
    /// The answered calls to Spotify by kind: `artist`, `artist albums`, `album`, `album tracks`, `track`,
    /// `search`, `removed`, `unknown`.
    pub spotify_by_kind: BTreeMap<&'static str, u64>,
    /// The answered calls to MusicBrainz by kind: `release search`, `release list`, `release`, `isrc`,
    /// `recording search`, `recording`, `artist search`, `artist`, `unknown`.
    pub musicbrainz_by_kind: BTreeMap<&'static str, u64>,
}

/// Both stand-ins. They run until this is dropped.
pub struct StandIns {
    /// Base URL of Spotify's Web API, including `/v1`.
    pub spotify_url: String,
    /// URL of Spotify's token endpoint.
    pub spotify_token_url: String,
    /// Base URL of MusicBrainz, including `/ws/2`.
    pub musicbrainz_url: String,
    catalog: Arc<Catalog>,
    spotify: Arc<CallMeter>,
    musicbrainz: Arc<CallMeter>,
    withheld: watch::Sender<bool>,
    servers: [JoinHandle<()>; 2],
}

impl StandIns {
    /// Starts the stand-ins with these facts and options.
    ///
    /// # Errors
    /// If no port is free.
    pub async fn start(catalog: Catalog, options: StandInOptions) -> anyhow::Result<Self> {
        let catalog = Arc::new(catalog);
        let spotify = Arc::new(CallMeter::new(
            "Spotify",
            SPOTIFY_CALLS_PER_SECOND,
            options.spotify_failing,
        ));
        let musicbrainz = Arc::new(CallMeter::new(
            "MusicBrainz",
            MUSICBRAINZ_CALLS_PER_SECOND,
            options.musicbrainz_failing,
        ));
        let (withheld, open) = watch::channel(options.withheld_album.is_none());
        let (spotify_listener, spotify_url) = listen().await?;
        let (musicbrainz_listener, musicbrainz_url) = listen().await?;
        let spotify_router = spotify::router(SpotifyStandIn {
            catalog: Arc::clone(&catalog),
            meter: Arc::clone(&spotify),
            base_url: format!("{spotify_url}/v1"),
            withheld_album: options.withheld_album,
            open,
        });
        let musicbrainz_router = musicbrainz::router(MusicBrainzStandIn::new(
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

    /// The artists that the demo requests.
    #[must_use]
    pub fn artists(&self) -> &[Artist] {
        &self.catalog.artists
    }

    /// The calls so far.
    #[must_use]
    pub fn calls(&self) -> StandInCalls {
        let (spotify, musicbrainz) = (self.spotify.counts(), self.musicbrainz.counts());
        StandInCalls {
            spotify: spotify.answered,
            musicbrainz: musicbrainz.answered,
            spotify_refused: spotify.refused,
            musicbrainz_refused: musicbrainz.refused,
            spotify_by_kind: spotify.by_kind,
            musicbrainz_by_kind: musicbrainz.by_kind,
        }
    }

    /// Every time that the calls exceeded a rate limit.
    #[must_use]
    pub fn breaches(&self) -> Vec<String> {
        [self.spotify.breaches(), self.musicbrainz.breaches()].concat()
    }

    /// Lets requests for the withheld album be answered.
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
