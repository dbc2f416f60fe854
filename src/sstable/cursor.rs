//! Walking a whole table: the index leads from block to block.
//!
//! ```text
//!   index:  | <= "f" | <= "p" | <= "z" |
//!               |        |        |
//!   data:    a b f    g k p    q z
//! ```
//!
//! Invariants:
//! 1. While it is valid, `data` is the block that the index cursor stands on, verified.
//! 2. A block without entries is passed over in both directions.
//! 3. A key that is no internal key is damage.

use super::ahead::{Ahead, Window};
use super::block::BlockCursor;
use super::entry::BadBlock;
use super::reader::{NO_KEY, Table};
use super::storage::Origin;
use crate::cursor::Cursor;
use crate::error::Result;
use crate::key::{self, Target};
use crate::sync::Arc;

/// See the module.
#[derive(Debug)]
pub(crate) struct TableCursor {
    table: Arc<Table>,
    index: BlockCursor<Arc<[u8]>>,
    data: Option<BlockCursor<Window>>,
    /// Where `data` came from.
    origin: Origin,
    /// For a walk over the whole table.
    ahead: Option<Ahead>,
}

#[derive(Clone, Copy)]
enum Direction {
    Forward,
    Backward,
}

impl TableCursor {
    pub(crate) fn new(table: Arc<Table>) -> Result<Self> {
        let index =
            BlockCursor::new(Arc::clone(&table.index)).map_err(|bad| table.bad_index(bad))?;
        let origin = Origin::default();
        Ok(TableCursor {
            table,
            index,
            data: None,
            origin,
            ahead: None,
        })
    }

    /// A cursor for a walk over the whole table: it reads many blocks at once, if there are many.
    pub(crate) fn reading_ahead(table: Arc<Table>) -> Result<Self> {
        let mut cursor = TableCursor::new(table)?;
        cursor.ahead = Ahead::of(&cursor.table.source);
        Ok(cursor)
    }

    /// Where in the file the entry here is: exactly, or of a compressed block the beginning.
    pub(crate) fn offset(&self) -> u64 {
        let within = match &self.data {
            Some(data) if !self.origin.compressed => data.offset() as u64,
            _ => 0,
        };
        self.origin.handle.offset + within
    }

    /// Does something with the index.
    fn lead(
        &mut self,
        movement: impl FnOnce(&mut BlockCursor<Arc<[u8]>>) -> Result<(), BadBlock>,
    ) -> Result<()> {
        movement(&mut self.index).map_err(|bad| self.table.bad_index(bad))
    }

    /// Does something with the block here, if there is one.
    fn walk(
        &mut self,
        movement: impl FnOnce(&mut BlockCursor<Window>) -> Result<(), BadBlock>,
    ) -> Result<()> {
        match &mut self.data {
            Some(data) => movement(data).map_err(|bad| self.table.source.bad(self.origin, bad)),
            None => Ok(()),
        }
    }

    /// Makes `data` the block that the index stands on; none where it stands nowhere.
    fn load(&mut self) -> Result<()> {
        if !self.index.valid() {
            self.data = None;
            return Ok(());
        }
        let handle = self.table.handle(&self.index)?;
        if self.data.is_some() && self.origin.handle == handle {
            return Ok(());
        }
        let (window, buffer) = self
            .data
            .take()
            .map(BlockCursor::into_parts)
            .unwrap_or_default();
        let source = &self.table.source;
        let (window, origin) = if let Some(ahead) = &mut self.ahead {
            ahead.give_back(window);
            ahead.read(source, handle)?
        } else {
            let (bytes, origin) = source.read_owned(handle, window.into_bytes())?;
            (Window::whole(bytes), origin)
        };
        let data = BlockCursor::with_buffer(window, buffer);
        self.data = Some(data.map_err(|bad| self.table.source.bad(origin, bad))?);
        self.origin = origin;
        Ok(())
    }

    /// Goes on to the neighbouring blocks until there is an entry, or none are left.
    fn settle(&mut self, direction: Direction) -> Result<()> {
        while self.data.as_ref().is_some_and(|data| !data.valid()) {
            match direction {
                Direction::Forward => self.lead(BlockCursor::next)?,
                Direction::Backward => self.lead(BlockCursor::prev)?,
            }
            self.load()?;
            match direction {
                Direction::Forward => self.walk(BlockCursor::seek_to_first)?,
                Direction::Backward => self.walk(BlockCursor::seek_to_last)?,
            }
        }
        match &self.data {
            Some(data) if key::split(data.key()).is_none() => {
                let bad = BadBlock {
                    at: data.offset(),
                    what: NO_KEY,
                };
                Err(self.table.source.bad(self.origin, bad))
            }
            _ => Ok(()),
        }
    }

    /// After an error the cursor stands nowhere.
    fn or_nowhere(&mut self, result: Result<()>) -> Result<()> {
        if result.is_err() {
            self.data = None;
        }
        result
    }

    fn try_seek(&mut self, target: Target<'_>) -> Result<()> {
        self.lead(|index| index.seek(target))?;
        self.load()?;
        self.walk(|data| data.seek(target))?;
        self.settle(Direction::Forward)
    }

    fn try_first(&mut self) -> Result<()> {
        self.lead(BlockCursor::seek_to_first)?;
        self.load()?;
        self.walk(BlockCursor::seek_to_first)?;
        self.settle(Direction::Forward)
    }

    fn try_last(&mut self) -> Result<()> {
        self.lead(BlockCursor::seek_to_last)?;
        self.load()?;
        self.walk(BlockCursor::seek_to_last)?;
        self.settle(Direction::Backward)
    }
}

impl Cursor for TableCursor {
    #[inline]
    fn valid(&self) -> bool {
        self.data.as_ref().is_some_and(BlockCursor::valid)
    }

    fn seek_to_first(&mut self) -> Result<()> {
        let result = self.try_first();
        self.or_nowhere(result)
    }

    fn seek_to_last(&mut self) -> Result<()> {
        let result = self.try_last();
        self.or_nowhere(result)
    }

    fn seek(&mut self, internal_key: &[u8]) -> Result<()> {
        let result = self.try_seek(Target::of(internal_key));
        self.or_nowhere(result)
    }

    #[inline]
    fn next(&mut self) -> Result<()> {
        let result = match &mut self.data {
            None => Ok(()),
            Some(data) => match data.next() {
                // As it is mostly: another entry of the same block.
                Ok(()) if data.valid() && key::split(data.key()).is_some() => return Ok(()),
                Ok(()) => self.settle(Direction::Forward),
                Err(bad) => Err(self.table.source.bad(self.origin, bad)),
            },
        };
        self.or_nowhere(result)
    }

    fn prev(&mut self) -> Result<()> {
        let result = self
            .walk(BlockCursor::prev)
            .and_then(|()| self.settle(Direction::Backward));
        self.or_nowhere(result)
    }

    #[inline]
    fn key(&self) -> &[u8] {
        self.data.as_ref().map_or(&[], BlockCursor::key)
    }

    #[inline]
    fn value(&self) -> &[u8] {
        self.data.as_ref().map_or(&[], BlockCursor::value)
    }

    #[inline]
    fn entry(&self) -> Option<(&[u8], &[u8])> {
        self.data.as_ref()?.here()
    }
}
