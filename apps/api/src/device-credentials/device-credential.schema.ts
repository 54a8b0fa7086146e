import { z } from 'zod';
import { pageOf } from '../http/cursor.js';
import { addressField, instantField } from '../http/fields.schema.js';

export const devicePath = addressField('Address of the device', 'GW-01');

/** One request's work at the most: each password is a hash to compute. */
const MAX_DEVICES = 1000;

export const createDeviceCredentials = z
  .strictObject({
    devices: z
      .array(devicePath)
      .min(1, 'must name at least one device')
      .max(MAX_DEVICES, `must be ${MAX_DEVICES} at the most`)
      .refine((devices) => new Set(devices).size === devices.length, 'must not name a device twice')
      .meta({ description: 'Devices that have no credentials yet', examples: [['GW-01', 'GW-02']] }),
  })
  .meta({ id: 'CreateDeviceCredentials', description: 'Devices that are to be let in by the broker' });

const view = {
  device: devicePath,
  username: z.string().meta({ description: 'User name at the MQTT broker', examples: ['BT/GW-01'] }),
  createdAt: instantField('When the device was first given credentials'),
  changedAt: instantField('When the password was made that holds now'),
};

export const deviceCredentialView = z
  .strictObject(view)
  .meta({ id: 'DeviceCredential', description: 'That a device is let in by the broker, and since when' });

export const deviceCredentialPage = pageOf('DeviceCredentialPage', deviceCredentialView);

export const deviceCredentialWithPassword = z
  .strictObject({
    ...view,
    password: z.string().meta({
      description:
        'Shown this once: put it into the device. Felinar keeps a hash only. The broker takes it within seconds',
      examples: ['Yl7m3tqQ0eQyq3O8m0cJbq8y0mY7m2mXG0kV2xq9b1A'],
    }),
  })
  .meta({ id: 'DeviceCredentialWithPassword', description: 'Credentials, with the password that is shown once' });

export const deviceCredentialsWithPasswords = z
  .strictObject({ items: z.array(deviceCredentialWithPassword) })
  .meta({ id: 'DeviceCredentialsWithPasswords', description: 'Credentials of several devices, in the order asked' });
