//! A dump as a stream of plain bytes: from a file or standard input, compressed or not, with how far it has been read.
//! What the bytes say stays out.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::NaiveDate;
use flate2::bufread::MultiGzDecoder;
use liblzma::bufread::XzDecoder;

const BUFFER: usize = 1 << 18;

/// An open dump.
pub struct Input {
    /// What is in it, decompressed.
    pub reader: Box<dyn Read + Send>,
    /// How many bytes it takes, compressed as it is; None where nobody knows.
    pub bytes: Option<u64>,
    /// How many of them have been read.
    pub read: Arc<AtomicU64>,
    /// What it is called.
    pub name: String,
    /// The day that its name says.
    pub dump_date: Option<NaiveDate>,
}

/// Opens a dump; `-` is standard input. Whether it is compressed is told by how it begins.
///
/// # Errors
/// Where it cannot be read, is a directory, or is compressed in another way than gzip and xz.
pub fn open(path: &Path) -> io::Result<Input> {
    if path == Path::new("-") {
        return of("standard input".to_owned(), None, Box::new(io::stdin()));
    }
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::Error::new(
            io::ErrorKind::IsADirectory,
            "it is a directory: name the file in it",
        ));
    }
    let bytes = file
        .metadata()
        .ok()
        .filter(std::fs::Metadata::is_file)
        .map(|metadata| metadata.len());
    let name = path.file_name().unwrap_or(path.as_os_str());
    of(name.to_string_lossy().into_owned(), bytes, Box::new(file))
}

fn of(name: String, bytes: Option<u64>, reader: Box<dyn Read + Send>) -> io::Result<Input> {
    let read = Arc::new(AtomicU64::new(0));
    let counted = Counted {
        reader,
        read: Arc::clone(&read),
    };
    let mut buffered = BufReader::with_capacity(BUFFER, counted);
    let reader: Box<dyn Read + Send> = match buffered.fill_buf()? {
        [0x1f, 0x8b, ..] => Box::new(MultiGzDecoder::new(buffered)),
        [0xfd, b'7', b'z', b'X', b'Z', ..] => Box::new(XzDecoder::new_multi_decoder(buffered)),
        [b'B', b'Z', b'h', ..] => return Err(other("bzip2")),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => return Err(other("zstd")),
        _ => Box::new(buffered),
    };
    Ok(Input {
        reader,
        bytes,
        read,
        dump_date: dump_date(&name),
        name,
    })
}

fn other(compression: &str) -> io::Error {
    let said = format!(
        "it is compressed with {compression}: give it as gzip or xz, or plain through standard input (-)"
    );
    io::Error::new(io::ErrorKind::InvalidData, said)
}

/// The day in a name such as `discogs_20200806_releases.xml.gz`.
fn dump_date(name: &str) -> Option<NaiveDate> {
    name.split(|c: char| !c.is_ascii_digit())
        .filter(|digits| digits.len() == 8)
        .find_map(|digits| NaiveDate::parse_from_str(digits, "%Y%m%d").ok())
}

struct Counted {
    reader: Box<dyn Read + Send>,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).expect("memory");
        encoder.finish().expect("memory")
    }

    fn read(bytes: Vec<u8>) -> io::Result<String> {
        let mut input = of("x".to_owned(), None, Box::new(io::Cursor::new(bytes)))?;
        let mut text = String::new();
        input.reader.read_to_string(&mut text).map(|_| text)
    }

    #[test]
    fn gzip_of_several_members_and_plain_text_are_told_apart() {
        assert_eq!(read(b"plain".to_vec()).expect("text"), "plain");
        let members = [gzip("one "), gzip("two")].concat();
        assert_eq!(read(members).expect("text"), "one two");
        assert_eq!(read(Vec::new()).expect("nothing"), "");
        let error = read(b"BZh9".to_vec()).expect_err("bzip2");
        assert!(error.to_string().contains("bzip2"), "{error}");
    }

    #[test]
    fn xz_is_read_to_its_end_and_told_where_it_is_cut_off() {
        let xz = |text: &str| {
            let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
            encoder.write_all(text.as_bytes()).expect("memory");
            encoder.finish().expect("memory")
        };
        let streams = [xz("one "), xz("two")].concat();
        assert_eq!(read(streams).expect("text"), "one two");
        let mut bytes = xz(&"words ".repeat(1_000));
        bytes.truncate(bytes.len() - 9);
        let error = read(bytes).expect_err("cut off");
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn a_cut_off_gzip_is_an_error() {
        let mut bytes = gzip(&"words ".repeat(1_000));
        bytes.truncate(bytes.len() - 9);
        let error = read(bytes).expect_err("cut off");
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn a_name_says_the_day() {
        let day = NaiveDate::from_ymd_opt(2020, 8, 6);
        for (name, date) in [
            ("discogs_20200806_releases.xml.gz", day),
            ("dump_20200806_releases_part.xml.gz", day),
            ("discogs_20201399_releases.xml.gz", None),
            ("releases.xml", None),
        ] {
            assert_eq!(dump_date(name), date, "{name}");
        }
    }
}
