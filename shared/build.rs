//! The migrations are built in; a new file must rebuild the crate.

fn main() {
    println!("cargo:rerun-if-changed=../migrations");
}
