-- What each record says about an album that consists of several records. The album has the first stated value of each field.

CREATE TABLE pressings (
    source                 source NOT NULL,
    source_id              text COLLATE "C" NOT NULL,
    album_type             album_type,
    release_date           date,
    release_date_precision date_precision,
    upc                    text COLLATE "C",
    label                  text,
    genres                 text[] NOT NULL,
    durations_ms           integer[] NOT NULL,
    isrcs                  text[] NOT NULL,
    PRIMARY KEY (source, source_id),
    FOREIGN KEY (source, source_id) REFERENCES loaded_records ON DELETE CASCADE,
    CHECK ((release_date IS NULL) = (release_date_precision IS NULL))
);
CREATE INDEX pressings_upc_idx ON pressings (upc) WHERE upc IS NOT NULL;
COMMENT ON TABLE pressings IS 'The fields of dump records that are one album together, one row per record. An album that is a single record has no row, because the album itself has every field. durations_ms and isrcs are those of the tracks by disc and number, 0 and '''' if unknown.';
