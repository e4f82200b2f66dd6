//! spotify placeholder
/// S
#[derive(Clone)]
pub struct Settings {
    /// a
    pub api_url: String,
    /// a
    pub token_url: String,
    /// a
    pub client_id: String,
    /// a
    pub client_secret: String,
    /// a
    pub market: String,
}
