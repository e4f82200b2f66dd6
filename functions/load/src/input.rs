//! Opens a dump as a stream of decompressed bytes, from a file or standard input, and counts the bytes read.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::NaiveDate;
use flate2::bufread::MultiGzDecoder;
use liblzma::bufread::XzDecoder;

/// Bytes read from the file at a time.
const BUFFER: usize = 1 << 18;

/// An open dump.
pub struct DumpInput {
    /// The decompressed content.
    pub reader: Box<dyn Read + Send>,
    /// Size of the compressed file in bytes; `None` if unknown.
    pub bytes: Option<u64>,
    /// Compressed bytes read so far.
    pub read: Arc<AtomicU64>,
    /// File name, for messages.
    pub name: String,
    /// Date of the dump according to the file name.
    pub dump_date: Option<NaiveDate>,
}

/// Opens a dump; `-` is standard input. Compression is detected from the first bytes.
///
/// # Errors
/// If the file cannot be read, is a directory, or is compressed with something other than gzip or xz.
pub fn open(path: &Path) -> io::Result<DumpInput> {
    if path == Path::new("-") {
        return input_from_reader("standard input".to_owned(), None, Box::new(io::stdin()));
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
    input_from_reader(name.to_string_lossy().into_owned(), bytes, Box::new(file))
}

fn input_from_reader(
    name: String,
    bytes: Option<u64>,
    reader: Box<dyn Read + Send>,
) -> io::Result<DumpInput> {
    let read = Arc::new(AtomicU64::new(0));
    let counting = CountingReader {
        reader,
        read: Arc::clone(&read),
    };
    let mut buffered = BufReader::with_capacity(BUFFER, counting);
    let reader: Box<dyn Read + Send> = match buffered.fill_buf()? {
        [0x1f, 0x8b, ..] => Box::new(MultiGzDecoder::new(buffered)),
        [0xfd, b'7', b'z', b'X', b'Z', ..] => Box::new(XzDecoder::new_multi_decoder(buffered)),
        [b'B', b'Z', b'h', ..] => return Err(unsupported("bzip2")),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => return Err(unsupported("zstd")),
        _ => Box::new(buffered),
    };
    Ok(DumpInput {
        reader,
        bytes,
        read,
        dump_date: dump_date(&name),
        name,
    })
}

fn unsupported(compression: &str) -> io::Error {
    let message = format!(
        "it is compressed with {compression}: recompress it with gzip or xz, \
         or decompress it to standard input (-)"
    );
    io::Error::new(io::ErrorKind::InvalidData, message)
}

/// The date in a file name such as `discogs_20200806_releases.xml.gz`.
fn dump_date(name: &str) -> Option<NaiveDate> {
    name.split(|c: char| !c.is_ascii_digit())
        .filter(|digits| digits.len() == 8)
        .find_map(|digits| NaiveDate::parse_from_str(digits, "%Y%m%d").ok())
}

struct CountingReader {
    reader: Box<dyn Read + Send>,
    read: Arc<AtomicU64>,
}

impl Read for CountingReader {
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
        let mut input = input_from_reader("x".to_owned(), None, Box::new(io::Cursor::new(bytes)))?;
        let mut text = String::new();
        input.reader.read_to_string(&mut text).map(|_| text)
    }

    #[test]
    fn gzip_with_several_members_and_plain_text_are_detected() {
        assert_eq!(read(b"plain".to_vec()).expect("text"), "plain");
        let members = [gzip("one "), gzip("two")].concat();
        assert_eq!(read(members).expect("text"), "one two");
        assert_eq!(read(Vec::new()).expect("no text"), "");
        let error = read(b"BZh9".to_vec()).expect_err("bzip2");
        assert!(error.to_string().contains("bzip2"), "{error}");
    }

    #[test]
    fn xz_is_read_to_its_end_and_a_truncated_file_is_an_error() {
        let xz = |text: &str| {
            let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
            encoder.write_all(text.as_bytes()).expect("memory");
            encoder.finish().expect("memory")
        };
        let streams = [xz("one "), xz("two")].concat();
        assert_eq!(read(streams).expect("text"), "one two");
        let mut bytes = xz(&"words ".repeat(1_000));
        bytes.truncate(bytes.len() - 9);
        let error = read(bytes).expect_err("truncated");
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn a_truncated_gzip_file_is_an_error() {
        let mut bytes = gzip(&"words ".repeat(1_000));
        bytes.truncate(bytes.len() - 9);
        let error = read(bytes).expect_err("truncated");
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn the_dump_date_comes_from_the_file_name() {
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
