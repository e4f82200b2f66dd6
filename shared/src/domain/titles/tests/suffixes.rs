//! Suffixes that are left out of the key: labels of series and shops, performers, short forms, takes, and
//! versions with a place or a date.

use super::super::VersionKind::{self, *};
use super::{key, kind};

#[test]
fn labels_of_series_and_shops_state_a_version() {
    for suffix in [
        "Deezer Originals",
        "Apple Music Exclusive",
        "iTunes Exclusive",
        "Walmart Exclusive Bonus Track",
        "Record Store Day Exclusive",
        "COLORS Encore",
        "NPR Tiny Desk Concert",
        "KEXP Live Performance",
        "Exclusive to Bandcamp",
        "From THE FIRST TAKE",
        "Netflix Original",
    ] {
        assert_eq!(key(&format!("River - {suffix}")), "river", "{suffix}");
        assert_eq!(key(&format!("River ({suffix})")), "river", "{suffix}");
    }
    for name in [
        "The Target",
        "Best Day",
        "True Colors",
        "Puppet Show",
        "Amazon",
        "Genius",
        "The Best Show",
    ] {
        assert_ne!(key(&format!("River ({name})")), "river", "{name}");
    }
}

#[test]
fn performers_are_left_out() {
    for suffix in [
        "(Jane Doe & Rob)",
        "[Jane Doe, Rob Roy]",
        "(The Weeknights, Jane Doe & Ty Dolla $ign)",
        "(Jane Doe / Rob Roy)",
        "(Jane Doe x Rob)",
        "- Jane Doe & Rob Roy",
        "- Rob & Jane",
    ] {
        assert_eq!(key(&format!("River {suffix}")), "river", "{suffix}");
    }
    for suffix in [
        "(Salt & Pepper)",
        "(London, England)",
        "(Jane Doe)",
        "(Jane goes & Rob stays)",
        "(Love Hurts & Time Heals)",
        "(Easy Come, Easy Go)",
        "(Live Fast, Die Young)",
        "(Another Day / Another Dollar)",
        "(Sweet Dreams / Sweet Rain)",
        "(Run Away, Come Back to Me)",
        "- Dusk / Dawn",
        "(Part One & Part Two)",
    ] {
        assert_ne!(key(&format!("River {suffix}")), "river", "{suffix}");
    }
    assert_ne!(
        key("Medley (Blue Moon & Big Sky)"),
        key("Medley (Red Sun & Old Sea)")
    );
    assert_ne!(
        key("Symphony No. 5 (Trauermarsch & Sturm Bewegt)"),
        key("Symphony No. 5")
    );
}

#[test]
fn short_forms_state_a_version() {
    for (suffix, expected) in [
        ("Orig. Mix", Other),
        ("OV", Other),
        ("Instr. Version", Instrumental),
        ("Ext. Mix", Extended),
        ("12''", Other),
        ("7 Inch", Other),
        ("12-inch", Other),
        ("v3", Other),
        ("Ver2", Other),
        ("Remast.", Remaster),
        ("Take 21", Other),
        ("Takes 1-3", Other),
        ("Takes 1 & 2", Other),
        ("Take One", Other),
        ("Take II", Other),
        ("Takes 5 to 7, Mono", Mono),
        ("Breakdown, Take 3", Other),
        ("Rehearsal & Take 4", Session),
        ("Toma 2", Other),
    ] {
        let title = format!("River ({suffix})");
        assert_eq!(
            (key(&title).as_str(), kind(&title)),
            ("river", Some(expected)),
            "{suffix}"
        );
    }
    for title in [
        "Dave - Take Five",
        "River (It Takes Two)",
        "River (V)",
        "River (72)",
        "River (Double Vision)",
    ] {
        assert_eq!(kind(title), None, "{title}");
    }
}

#[test]
fn a_version_may_carry_a_place_and_a_date() {
    let live = [
        "Live Paris 1986",
        "Live Bercy, July 98",
        "Summer Tour Live in Rome",
        "BBC Radio 1 Live at Maida Vale",
        "Wembley Stadium, London, July 1986 - Live",
        "Royal Albert Hall - Live",
        "At the Rainbow - Live - 1974",
        "1974 - Live",
        "May 1974 - Live at the Rainbow",
        "Isle of Wight Festival, August 1970",
        "At Fillmore East 1970",
        "Concert in Berlin",
        "Live - Paris - 14. Juli 1990",
    ];
    let others: [(&str, VersionKind); 3] = [
        ("Demo at Abbey Road, 1979", Demo),
        ("Early Demo in London", Demo),
        ("Outtake from Berlin, 1977", Other),
    ];
    let all = live.map(|suffix| (suffix, Live)).into_iter().chain(others);
    for (suffix, expected) in all {
        let title = format!("River - {suffix}");
        assert_eq!(
            (key(&title).as_str(), kind(&title)),
            ("river", Some(expected)),
            "{suffix}"
        );
    }
    for title in [
        "River (Angels Live in My Town)",
        "River (People Who Live in Glass Houses)",
        "River (Live Forever 2004)",
        "River (The Garden) - Remastered",
        "River - The Dance Hall",
    ] {
        assert_ne!(key(title), "river", "{title}");
    }
}
