//! Rules about settings: administrators keep them.

use super::command::SetDevicePolicy;
use super::{DevicePolicy, Settings};
use crate::decide::Patch;
use crate::decide::prelude::*;

/// Sets how devices guard what is on them.
pub(crate) fn set_device_policy<V: View + ?Sized>(view: &V, args: &SetDevicePolicy, context: &Context<'_>) -> Decision {
    context.actor.need_role(&[Role::Administrator])?;
    let (idle, lease) = (DevicePolicy::IDLE_MINUTES, DevicePolicy::LEASE_HOURS);
    within(Field::IdleMinutes, args.idle_minutes.into(), (*idle.start()).into(), (*idle.end()).into())?;
    within(Field::LeaseHours, args.lease_hours.into(), (*lease.start()).into(), (*lease.end()).into())?;
    let settings = context.settings(view)?;
    let devices = DevicePolicy { idle_minutes: args.idle_minutes, lease_hours: args.lease_hours };
    Ok(vec![Patch::put(Settings { devices, ..(*settings).clone() })])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::World;

    fn set(world: &mut World, idle_minutes: u8, lease_hours: u16) -> Result<DevicePolicy, Rejection> {
        world.apply(world.administrator, SetDevicePolicy { idle_minutes, lease_hours })?;
        Ok(world.get::<Settings>(world.org).devices)
    }

    #[test]
    fn m3_an_administrator_sets_when_devices_lock_and_how_long_they_show_customers() {
        let mut world = World::new();
        assert_eq!(world.get::<Settings>(world.org).devices, DevicePolicy { idle_minutes: 5, lease_hours: 72 });
        assert_eq!(set(&mut world, 2, 24), Ok(DevicePolicy { idle_minutes: 2, lease_hours: 24 }));
        let idle = Err(Rejection::OutOfRange { field: Field::IdleMinutes, min: 2, max: 5 });
        assert_eq!(set(&mut world, 1, 24), idle);
        assert_eq!(set(&mut world, 6, 24), idle);
        let lease = Err(Rejection::OutOfRange { field: Field::LeaseHours, min: 1, max: 720 });
        assert_eq!(set(&mut world, 5, 0), lease);
        assert_eq!(set(&mut world, 5, 721), lease);
        assert_eq!(set(&mut world, 5, 720), Ok(DevicePolicy { idle_minutes: 5, lease_hours: 720 }));
    }
}
