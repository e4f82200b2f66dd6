//! The Postgres type that each Rust type of a parameter is sent as. Only built-in types stand here.

use chrono::{DateTime, NaiveDate, Utc};
use tokio_postgres::types::{ToSql, Type};

/// A parameter of a statement.
pub trait Param: Send + Sync {
    /// The type it is sent as.
    fn postgres_type(&self) -> Type;
    /// The value to send.
    fn value(&self) -> &(dyn ToSql + Sync);
}

/// A Rust type with one Postgres type.
pub trait Typed: ToSql + Send + Sync {
    /// That type.
    const TYPE: Type;
}

/// A Rust type that can stand in an array.
pub trait Element: ToSql + Send + Sync {
    /// The type of the array.
    const ARRAY: Type;
}

impl<T: Typed> Param for T {
    fn postgres_type(&self) -> Type {
        T::TYPE
    }

    fn value(&self) -> &(dyn ToSql + Sync) {
        self
    }
}

macro_rules! scalars {
    ($($rust:ty => $scalar:ident, $array:ident;)+) => {$(
        impl Typed for $rust {
            const TYPE: Type = Type::$scalar;
        }
        impl Typed for Option<$rust> {
            const TYPE: Type = Type::$scalar;
        }
        impl Element for $rust {
            const ARRAY: Type = Type::$array;
        }
        impl Element for Option<$rust> {
            const ARRAY: Type = Type::$array;
        }
    )+};
}

scalars! {
    bool => BOOL, BOOL_ARRAY;
    i16 => INT2, INT2_ARRAY;
    i32 => INT4, INT4_ARRAY;
    i64 => INT8, INT8_ARRAY;
    f32 => FLOAT4, FLOAT4_ARRAY;
    f64 => FLOAT8, FLOAT8_ARRAY;
    &str => TEXT, TEXT_ARRAY;
    String => TEXT, TEXT_ARRAY;
    Vec<u8> => BYTEA, BYTEA_ARRAY;
    uuid::Uuid => UUID, UUID_ARRAY;
    NaiveDate => DATE, DATE_ARRAY;
    DateTime<Utc> => TIMESTAMPTZ, TIMESTAMPTZ_ARRAY;
    serde_json::Value => JSONB, JSONB_ARRAY;
}

impl<T: Element> Typed for Vec<T> {
    const TYPE: Type = T::ARRAY;
}

impl<T: Element> Typed for &[T] {
    const TYPE: Type = T::ARRAY;
}
