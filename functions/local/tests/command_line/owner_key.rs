//! The key that the first start makes for the owner of the machine, and the commands that send it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output};

use linernotes::cluster::shared_for_tests;
use serde_json::{Value, json};

use super::up::{Up, send};
use super::{TestDataDir, assert_fails_in_one_line, program, text};

/// A source that is on and does not answer.
const SOURCE: &[(&str, &str)] = &[
    ("CONTACT", "https://linernotes.invalid/tests"),
    ("MUSICBRAINZ_URL", "http://127.0.0.1:9/ws/2"),
];
const BODY: &str = r#"{"what": ["AC/DC"]}"#;

fn read(dir: &TestDataDir, name: &str) -> String {
    let path = dir.0.join(name);
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "{name}");
    fs::read_to_string(path).unwrap()
}

fn json_of(output: &Output) -> Value {
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The names of the keys with all scopes that are in the state.
fn owners(dir: &TestDataDir, url: &str, state: &str) -> Vec<String> {
    let mut list = dir.program(&["keys", "list", "--json"]);
    let keys = json_of(&list.env("DATABASE_URL", url).output().unwrap());
    let keys = keys["items"].as_array().unwrap().iter();
    keys.filter(|key| {
        key["state"] == state && key["scopes"] == json!(["read", "write", "contacts", "operate"])
    })
    .map(|key| key["name"].as_str().unwrap().to_owned())
    .collect()
}

#[test]
fn the_first_start_makes_a_key_that_the_command_api_and_curl_send() {
    let dir = TestDataDir::new();
    let api = |arguments: &[&str]| dir.program(&[&["api"], arguments].concat()).output().unwrap();
    let up = Up::start_with(&dir, "127.0.0.1:0", SOURCE);
    let key = read(&dir, "owner.key").trim().to_owned();
    assert_eq!(
        read(&dir, "owner.header"),
        format!("Authorization: Bearer {key}\n")
    );

    let asked = json_of(&api(&["post", "/v1/ingestions", BODY]));
    let url = asked["url"].as_str().unwrap();
    let shown = json_of(&api(&["GET", url]));
    assert_eq!(shown["what"], json!(["name:AC/DC"]));
    let header = format!("@{}", dir.0.join("owner.header").display());
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--fail", "--noproxy", "*", "-H", &header]);
    let with_curl = json_of(&curl.arg(format!("http://{}{url}", up.address)).output().unwrap());
    assert_eq!(with_curl, shown);

    let unknown = api(&["GET", "/v1/producers/999"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(text(&unknown.stderr).starts_with("error: the server answered 404: no producer has this id"));
    assert!(text(&unknown.stdout).contains("urn:linernotes:problem:not-found"));
    assert_fails_in_one_line(&api(&["POST", "/v1/ingestions", "{"]), "the body is not JSON");

    // An old version of the protocol, without a host, is treated alike.
    let post = |authorization: &str| {
        let length = BODY.len();
        let head = "POST /v1/ingestions HTTP/1.0\r\nContent-Type: application/json";
        let request = format!("{head}\r\nContent-Length: {length}\r\n{authorization}\r\n{BODY}");
        send(&up.address, &request)
    };
    assert!(post("").contains(" 401 "));
    assert!(post(&format!("Authorization: Bearer {key}\r\n")).contains(" 202 "));
    let in_url = format!("GET /v1/producers?q=x&key={key} HTTP/1.0\r\n\r\n");
    assert!(send(&up.address, &in_url).contains(" 400 "));
    let in_path = format!("GET /v1/producers/{key} HTTP/1.0\r\n\r\n");
    assert!(send(&up.address, &in_path).contains(" 404 "));

    let (code, printed) = up.stop();
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.contains("linernotes --data-dir "), "{printed}");
    assert!(printed.contains(" api POST /v1/ingestions '"), "{printed}");
    assert!(!printed.contains(&key), "{printed}");
    let posts: Vec<&str> = printed.lines().filter(|line| line.contains("POST")).collect();
    let with_key = posts.iter().filter(|line| line.contains("key.id=1"));
    assert_eq!(with_key.count(), 2, "{posts:?}");
    assert_fails_in_one_line(&api(&["GET", "/v1/health"]), "start `linernotes up`");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_machine_has_a_key_of_its_own_and_a_revoked_one_is_replaced() {
    let scratch = shared_for_tests().await.unwrap();
    let mut databases = Vec::new();
    for name in ["owners_one", "owners_two"] {
        databases.push(scratch.database(name, "template1").await.unwrap());
    }
    let [one, two] = &databases[..] else {
        unreachable!("two were made")
    };
    let (dir, other_dir) = (TestDataDir::new(), TestDataDir::new());
    let start_and_stop = |dir: &TestDataDir, url: &str| {
        let (code, printed) = Up::start_with(dir, "127.0.0.1:0", &[("DATABASE_URL", url)]).stop();
        assert_eq!(code, Some(0), "{printed}");
        assert!(!printed.contains("has no key"), "{printed}");
        read(dir, "owner.key")
    };
    let machine = Command::new("uname").arg("-n").output().unwrap();
    let name = format!("owner on {}", text(&machine.stdout).trim());

    let key = start_and_stop(&dir, one);
    assert_eq!(start_and_stop(&dir, one), key, "a second start changes nothing");
    assert_eq!(owners(&dir, one, "active"), [name.as_str()]);
    assert_ne!(start_and_stop(&other_dir, one), key);
    assert_eq!(owners(&dir, one, "active"), [name.as_str(), &name]);
    assert_eq!(
        start_and_stop(&dir, two),
        key,
        "the key opens the other database, too"
    );
    assert_eq!(owners(&dir, two, "active"), [name.as_str()]);

    let mut revoke = program(&["keys", "revoke", "1"]);
    assert!(revoke.env("DATABASE_URL", one).status().unwrap().success());
    assert_ne!(start_and_stop(&dir, one), key);
    assert_eq!(owners(&dir, one, "revoked"), [name.as_str()]);
    assert_eq!(owners(&dir, one, "active"), [name.as_str(), &name]);
}

#[test]
fn without_a_server_the_command_says_what_to_start() {
    let dir = TestDataDir::new();
    let failed = dir.program(&["api", "GET", "/v1/health"]).output().unwrap();
    assert_fails_in_one_line(&failed, "start `linernotes up`");
}

/// The commands of a section of the README, one shell script.
fn readme_script(section: &str) -> String {
    let readme = include_str!("../../../../README.md");
    let (_, rest) = readme.split_once(&format!("\n## {section}\n")).unwrap();
    let (_, rest) = rest.split_once("\n```sh\n").unwrap();
    rest.split_once("\n```\n").unwrap().0.to_owned()
}

#[test]
fn the_commands_on_the_api_in_the_readme_work() {
    let dir = TestDataDir::new();
    let up = Up::start_with(&dir, "127.0.0.1:0", SOURCE);
    let script = readme_script("HTTP API");
    let (first, script) = script.split_once('\n').unwrap();
    assert!(first.starts_with("linernotes up "), "{first}");
    let (dir_text, home) = (dir.0.display().to_string(), "$HOME/.local/share/linernotes");
    assert!(script.contains(home), "{script}");
    let script = script
        .replace("127.0.0.1:8080", &up.address)
        .replace(home, &dir_text);
    let program = env!("CARGO_BIN_EXE_linernotes");
    let function = format!("linernotes() {{ {program} --data-dir {dir_text} \"$@\"; }}");
    let curl = "curl() { command curl --silent --show-error --fail --noproxy '*' \"$@\"; }";
    let run = Command::new("sh")
        .args(["-euc", &format!("{function}\n{curl}\n{script}")])
        .output()
        .unwrap();
    let printed = text(&run.stdout);
    assert!(run.status.success(), "{printed}{}", text(&run.stderr));
    assert_eq!(printed.matches("\"/v1/ingestions/").count(), 2, "{printed}");
    assert!(
        printed.contains("website") && printed.contains("revoked key 2"),
        "{printed}"
    );
    assert_eq!(up.stop().0, Some(0));
}
