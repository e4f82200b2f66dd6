//! Opens a dump as a stream of decompressed bytes, from a file or standard input, and counts the bytes read.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::NaiveDate;
use flate2::bufread::GzDecoder;
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
        [0x1f, 0x8b, ..] => Box::new(GzipReader::new(buffered, Arc::clone(&read))),
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

/// Bytes other than zeros behind the end of gzip data. They are reported once all data was read.
#[derive(Debug, thiserror::Error)]
#[error("{bytes} bytes behind the end of its gzip data were ignored")]
struct TrailingBytes {
    bytes: u64,
}

/// Whether a reader failed because of bytes behind the end of its gzip data, all of which it has returned.
pub(crate) fn is_trailing(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|cause| cause.is::<TrailingBytes>())
}

/// Reads gzip data: members one after another, and zeros behind them, as `gzip -d` does.
struct GzipReader<R> {
    /// `None` at the end.
    member: Option<GzDecoder<BufReader<R>>>,
    /// Bytes read from the file, with those that are still buffered.
    read: Arc<AtomicU64>,
    /// Where the member before ends in the file; `None` in the first one.
    end: Option<u64>,
}

impl<R: Read> GzipReader<R> {
    fn new(file: BufReader<R>, read: Arc<AtomicU64>) -> Self {
        Self {
            member: Some(GzDecoder::new(file)),
            read,
            end: None,
        }
    }

    /// Goes on with the member behind this one, if there is one.
    fn next_member(&mut self) -> io::Result<()> {
        let Some(member) = self.member.take() else {
            return Ok(());
        };
        let mut file = member.into_inner();
        let end = self.read.load(Ordering::Relaxed) - file.buffer().len() as u64;
        loop {
            let buffer = file.fill_buf()?;
            let zeros = buffer.iter().take_while(|byte| **byte == 0).count();
            match buffer.get(zeros) {
                Some(0x1f) => {
                    file.consume(zeros);
                    self.end = Some(end);
                    self.member = Some(GzDecoder::new(file));
                    return Ok(());
                }
                Some(_) => return Err(self.trailing(file, end)),
                None if zeros == 0 => return Ok(()),
                None => file.consume(zeros),
            }
        }
    }

    /// Reads the file to its end.
    fn trailing(&self, mut file: BufReader<R>, end: u64) -> io::Error {
        if let Err(error) = io::copy(&mut file, &mut io::sink()) {
            return error;
        }
        let bytes = self.read.load(Ordering::Relaxed) - end;
        io::Error::new(io::ErrorKind::InvalidData, TrailingBytes { bytes })
    }
}

impl<R: Read> Read for GzipReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
        while let Some(member) = &mut self.member {
            match (member.read(buffer), self.end) {
                (Ok(0), _) if !buffer.is_empty() => self.next_member()?,
                (Err(error), Some(end))
                    if member.header().is_none()
                        && matches!(error.kind(), InvalidData | InvalidInput | UnexpectedEof) =>
                {
                    // What looked like the beginning of a member is none.
                    let file = self.member.take().map(GzDecoder::into_inner);
                    return Err(file.map_or(error, |file| self.trailing(file, end)));
                }
                (read, _) => return read,
            }
        }
        Ok(0)
    }
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
    fn zeros_behind_gzip_data_are_its_padding_and_other_bytes_are_counted() {
        let whole = |behind: &[u8]| [gzip("words").as_slice(), behind].concat();
        for zeros in [1, 7, 4_096, BUFFER * 2] {
            assert_eq!(read(whole(&vec![0; zeros])).expect("text"), "words", "{zeros}");
        }
        let padded = [whole(&[0; 100]), gzip(" and more")].concat();
        assert_eq!(read(padded).expect("text"), "words and more");
        for (behind, bytes) in [
            (&b"\r\n"[..], 2),
            (b"\x1f", 1),
            (b"\x1f\x8b", 2),
            (b"\x1fno header", 10),
            (b"\0\0--end of part--", 17),
        ] {
            let mut input = input_from_reader("x".to_owned(), None, Box::new(io::Cursor::new(whole(behind))))
                .expect("a gzip file");
            let mut text = String::new();
            let error = input
                .reader
                .read_to_string(&mut text)
                .expect_err("bytes behind the end");
            assert!(is_trailing(&error), "{error}");
            let counted = format!("{bytes} bytes behind");
            assert!(error.to_string().starts_with(&counted), "{behind:?}: {error}");
            let mut more = Vec::new();
            assert_eq!(input.reader.read_to_end(&mut more).expect("the end"), 0);
        }
        let mut cut_off = [gzip("one"), gzip(&"two ".repeat(1_000))].concat();
        cut_off.truncate(cut_off.len() - 9);
        let error = read(cut_off).expect_err("the second member is cut off");
        assert!(!is_trailing(&error), "{error}");
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
