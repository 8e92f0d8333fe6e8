//! What befalls a life: crashes, power cuts, full and rotten disks, tabs that come and go, copied tablets, restored servers.

use super::{Life, MOST_DEVICES, uuid};
use crate::Weakness;
use crate::device::Device;
use crate::disk::Disk;
use crate::laws::Broken;
use crate::store::MemoryStore;
use std::collections::HashSet;
use uuid::Uuid;

impl Life {
    pub(super) fn fault(&mut self, fault: u8, device: usize) -> Result<(), Broken> {
        let disk = self.devices[device].disk;
        match fault {
            90 | 91 => self.crash(device)?,
            92 => match self.rng.u8(..4) {
                0 => self.let_months_pass(),
                1 => self.rot(disk),
                _ => self.disks[disk].full = true,
            },
            93 => self.open_tab(device),
            94 => match self.rng.u8(..3) {
                0 => self.close_tab(device),
                1 => self.devices[device].outdated = false,
                _ => {
                    let node = self.rng.usize(..self.nodes.len());
                    self.nodes[node].old = self.weakness == Weakness::StaysOld && self.nodes[node].old;
                }
            },
            95 => drop(self.snapshots.insert(disk, self.disks[disk].clone())),
            96 => self.fall_back(disk),
            97 if self.reads_miss => {}
            97 => self.backup = Some((self.store.clone(), self.depot.clone())),
            98 => self.restore(),
            _ => self.clone_device(disk),
        }
        Ok(())
    }

    fn crash(&mut self, at: usize) -> Result<(), Broken> {
        self.check_screen(at)?;
        self.start_again(at);
        Ok(())
    }

    /// A power cut: the browser opens an older state of its database.
    fn fall_back(&mut self, disk: usize) {
        let Some(mut older) = self.snapshots.get(&disk).cloned() else { return };
        let kept = commands_on(&older);
        let lost = commands_on(&self.disks[disk]);
        self.excused.extend(lost.difference(&kept));
        older.changes = self.disks[disk].changes + 1;
        older.numbers_shared = true;
        self.disks[disk] = older;
        self.start_all_again(disk);
    }

    /// Tombstones go when they are 90 days old. No tab and no request lives that long.
    fn let_months_pass(&mut self) {
        self.now += chrono::Duration::days(91);
        self.store.forget_tombstones();
        for at in 0..self.devices.len() {
            self.start_again(at);
        }
        self.packets.clear();
    }

    fn rot(&mut self, disk: usize) {
        let at = self.rng.usize(..40);
        self.disks[disk].rot(at);
        self.start_all_again(disk);
    }

    fn start_all_again(&mut self, disk: usize) {
        for at in 0..self.devices.len() {
            if self.devices[at].disk == disk {
                self.start_again(at);
            }
        }
    }

    /// A second tab of the same device. If locks work it waits until the one that syncs is closed.
    fn open_tab(&mut self, at: usize) {
        if self.devices.len() < MOST_DEVICES {
            let disk = self.devices[at].disk;
            self.devices.push(Device::start(disk, &self.disks[disk], !self.locks_work, 0, self.weakness));
        }
    }

    /// A tab is closed, and another one of the device is elected; the last one stays.
    fn close_tab(&mut self, at: usize) {
        let disk = self.devices[at].disk;
        let next = (0..self.devices.len()).find(|&other| other != at && self.devices[other].disk == disk);
        if let Some(next) = next
            && self.devices[at].is_elected()
        {
            self.devices[at].close();
            if !self.devices[next].is_elected() {
                self.devices[next].elect(&self.disks[disk]);
            }
        }
    }

    /// The servers are set up again from an older backup.
    pub(super) fn restore(&mut self) {
        if let Some((backup, files)) = &self.backup {
            self.store = MemoryStore::restored(backup, uuid(&mut self.rng));
            // The disk with the files may have been lost too, or not.
            if self.rng.bool() {
                self.depot = files.clone();
            }
            self.committed = None;
            self.report.restores += 1;
        }
    }

    /// A tablet is copied with everything on it: two devices with one identity.
    fn clone_device(&mut self, disk: usize) {
        if self.devices.len() < MOST_DEVICES {
            self.disks[disk].numbers_shared = true;
            self.add_disk(self.disks[disk].clone());
        }
    }
}

fn commands_on(disk: &Disk) -> HashSet<Uuid> {
    disk.kept().into_iter().chain(disk.refused.keys().copied()).collect()
}
