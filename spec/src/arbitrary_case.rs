//! `arbitrary::Arbitrary` for [`Case`] (feature `arbitrary`): the byte form, and nothing derived,
//! so that a fuzzer's inputs outlive every change of these types.

use arbitrary::{Arbitrary, Result, Unstructured};

use crate::bytes::case_of;
use crate::op::Case;

/// The case that the bytes are in the byte form; bytes without a known version count as version
/// 1 without its first byte, so that no input is lost.
///
/// ```
/// use arbitrary::{Arbitrary, Unstructured};
/// use etalon_spec::{Case, Op, bytes::encode};
///
/// let case = Case::new(vec![Op::Flush, Op::get(b"k")]);
/// let bytes = encode(&case);
/// assert_eq!(Case::arbitrary_take_rest(Unstructured::new(&bytes)), Ok(case.clone()));
/// assert_eq!(Case::arbitrary_take_rest(Unstructured::new(&bytes[1..])), Ok(case));
/// ```
impl<'a> Arbitrary<'a> for Case {
    fn arbitrary(input: &mut Unstructured<'a>) -> Result<Self> {
        let length = input.arbitrary_len::<u8>()?;
        Ok(case_of(input.bytes(length)?))
    }

    fn arbitrary_take_rest(input: Unstructured<'a>) -> Result<Self> {
        Ok(case_of(input.take_rest()))
    }
}
