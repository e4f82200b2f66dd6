//! stub
use super::super::input::Input;
use super::super::{Control, Loaded};
use crate::db::Pool;
/// todo
pub async fn load_artists(
    _pool: &Pool,
    _input: Input,
    _control: &Control,
) -> anyhow::Result<Loaded> {
    anyhow::bail!("x")
}
