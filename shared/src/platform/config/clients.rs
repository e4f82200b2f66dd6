//! The settings of the clients of the sources.

/// The address of Spotify and our credentials. It has no `Debug`, because of the secret.
#[derive(Clone)]
pub struct SpotifySettings {
    /// The API, with its version: `https://api.spotify.com/v1`.
    pub api_url: String,
    /// The token endpoint: `https://accounts.spotify.com/api/token`.
    pub token_url: String,
    /// The app's client id.
    pub client_id: String,
    /// The app's client secret.
    pub client_secret: String,
    /// The country whose catalog is used, in two letters. Without one, Spotify reports much as unavailable.
    pub market: String,
}

/// The address of Discogs and our credentials. It has no `Debug`, because of the token.
#[derive(Clone)]
pub struct DiscogsSettings {
    /// The API: `https://api.discogs.com`.
    pub url: String,
    /// A personal access token, in printable ASCII.
    pub token: String,
}

/// The address of Genius and our credentials. It has no `Debug`, because of the token.
#[derive(Clone)]
pub struct GeniusSettings {
    /// The API: `https://api.genius.com`.
    pub url: String,
    /// A client access token, in printable ASCII.
    pub token: String,
}

/// The address of Instagram and our credentials. It has no `Debug`, because of the token.
#[derive(Clone)]
pub struct InstagramSettings {
    /// The Graph API with its version: `https://graph.facebook.com/v25.0`.
    pub url: String,
    /// A long-lived user token, in printable ASCII. It must be renewed every 60 days.
    pub token: String,
    /// The id of our own professional account, on whose behalf others are looked up.
    pub user_id: String,
}
