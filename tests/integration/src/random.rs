//! Random numbers that a failed test can be repeated with.

use rand::SeedableRng as _;
use rand::rngs::StdRng;

/// The environment variable that sets the seed of every random choice.
pub const SEED_VARIABLE: &str = "LINERNOTES_TEST_SEED";

/// A generator with a printed seed: the value of [`SEED_VARIABLE`], or a new seed if that is not set.
pub fn random() -> StdRng {
    let seed = seed_from_environment().unwrap_or_else(rand::random);
    print_seed(seed);
    StdRng::seed_from_u64(seed)
}

/// The value of [`SEED_VARIABLE`] as the only seed, or the seeds from 1 to `count`. Prints them.
pub fn seeds(count: u64) -> Vec<u64> {
    let seeds = match seed_from_environment() {
        Some(seed) => vec![seed],
        None => (1..=count).collect(),
    };
    for seed in &seeds {
        print_seed(*seed);
    }
    seeds
}

#[expect(clippy::disallowed_methods, reason = "a setting of the tests alone")]
fn seed_from_environment() -> Option<u64> {
    let seed = std::env::var(SEED_VARIABLE).ok()?;
    let seed = seed.parse();
    Some(seed.unwrap_or_else(|_| panic!("{SEED_VARIABLE} is not a whole number")))
}

#[expect(clippy::print_stdout, reason = "shown with the output of a test that fails")]
fn print_seed(seed: u64) {
    println!("to repeat the random choices of this test: {SEED_VARIABLE}={seed}");
}
